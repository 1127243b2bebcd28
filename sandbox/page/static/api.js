// The few things this page says to the sandbox.

/** `name` is one of /control's; a name that begins with a slash is an address of its own. Answers the JSON. */
export async function post(name, body) {
  const response = await fetch(name.startsWith("/") ? name : `/control/${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(said.error || `The sandbox answered ${response.status}.`);
  return said;
}

export async function frame() {
  return (await fetch("/control/frame")).json();
}

export const fileUrl = (id, user) => `/control/file/${encodeURIComponent(id)}?${new URLSearchParams({ user })}`;
