// The few things this page says to the sandbox.

async function post(path, body) {
  const response = await fetch(`/control/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) {
    const said = await response.json().catch(() => ({}));
    throw new Error(said.error || `The sandbox answered ${response.status}.`);
  }
}

export const say = (user, channel, text) => post("say", { user, channel, text });
export const click = (user, target, actionId, selected) => post("click", { user, ...target, action_id: actionId, selected });
export const submit = (user, viewId, values) => post("submit", { user, view_id: viewId, values });
export const close = (viewId) => post("close", { view_id: viewId });
export const uninstall = () => post("uninstall", {});
export const setSageOff = (offline) => post("sage", { offline });

export async function frame() {
  return (await fetch("/control/frame")).json();
}

/** Null when nothing has changed since `seen`. */
export async function screen(user, seen) {
  const response = await fetch(`/control/screen?${new URLSearchParams({ user, seen })}`);
  if (!response.ok) throw new Error("The sandbox is not answering.");
  return response.status === 204 ? null : response.json();
}
