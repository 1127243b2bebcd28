// Six steps. Each notices by itself when it is done: the sandbox looks at its Slack and its Sage.
import { el, read, send } from "/panel/calls.js";

const STEPS = [
  ["connect", "Connect", "Install the app, type /sage connect, follow its link, and type the code that you are shown.",
    (api) => api.compose("/sage connect")],
  ["ask", "Ask", "Type /customer ABS001 to see balance, credit limit and whether the account is on hold.",
    (api) => api.compose("/customer ABS001")],
  ["subscribe", "Subscribe", "In #sales, ask to be told of every account put on hold or released.",
    async (api) => {
      api.openChannel("C0SALES");
      await send("invite", { channel: "C0SALES" });
      api.compose("/sage subscribe holds,releases here");
    }],
  ["hold", "Hold in Sage", "Put ABS001 on hold in the panel, as a credit controller would in Sage 200, and watch #sales.",
    async (api) => {
      api.openChannel("C0SALES");
      return (await send("hold", { reference: "ABS001", reason: "Over terms" })).said;
    }],
  ["request", "Request release", "Ask for the hold to be lifted. Somebody who may decide is asked to approve or decline.",
    (api) => api.compose("/customer ABS001 request-release Paid this morning")],
  ["outage", "Outage", "Turn the company's site off, then ask again: the app says that it can't reach Sage 200.",
    async (api) => {
      const { said } = await send("site", { state: "offline" });
      api.compose("/customer ABS001");
      return said;
    }],
];

export function mount(element, api) {
  const progress = el("p", { class: "tour-progress", role: "status" });
  const list = el("ol", { class: "tour-steps" });
  const skipped = new Set();
  let done = {}, isHidden = false;

  const button = (text, work, more = {}) => el("button", { type: "button", text, ...more, on: { click: work } });

  async function help(work) {
    try {
      const said = await work(api);
      if (said) api.toast?.(said);
    } catch (error) {
      api.toast?.(error.message);
    }
    await look();
  }

  function draw() {
    const current = STEPS.find(([name]) => !done[name] && !skipped.has(name));
    const finished = STEPS.filter(([name]) => done[name]).length;
    const words = current ? `${finished} of ${STEPS.length} done. Now: ${current[1]}.` : `${finished} of ${STEPS.length} done. The tour is over.`;
    const key = JSON.stringify([done, [...skipped]]);
    if (list.dataset.key === key) return;
    list.dataset.key = key;
    const hadFocus = list.contains(document.activeElement);
    progress.textContent = words;
    list.replaceChildren(...STEPS.map(([name, title, about, work]) => {
      const state = done[name] ? "done" : skipped.has(name) ? "skipped" : "";
      const item = el("li", { class: `tour-step ${state}`, "aria-current": current?.[0] === name ? "step" : null },
        el("b", { text: title }), state ? el("span", { class: "tour-state", text: ` ${state === "done" ? "✓ done" : "skipped"}` }) : "");
      if (current?.[0] === name) {
        item.append(el("p", { text: about }), el("p", { class: "panel-buttons" },
          button("Do it for me", () => help(work)), button("Skip", () => { skipped.add(name); draw(); })));
      }
      return item;
    }));
    if (hadFocus) list.querySelector("button")?.focus();
  }

  async function look() {
    try { done = (await read("tour")).done; draw(); } catch { /* it begins again; the next look finds it */ }
  }

  async function restart() {
    skipped.clear();
    try { done = (await send("tour")).done; } catch (error) { api.toast?.(error.message); }
    draw();
  }

  const fold = button("Hide tour", () => {
    isHidden = !isHidden;
    list.hidden = isHidden;
    fold.textContent = isHidden ? "Show tour" : "Hide tour";
    fold.setAttribute("aria-expanded", String(!isHidden));
  }, { "aria-expanded": "true" });
  element.classList.add("panel", "tour");
  element.append(el("h2", { text: "Guided tour" }), progress, list,
    el("p", { class: "panel-buttons" }, button("Start the tour again", restart), fold));
  look();
  const looking = setInterval(look, 1500);
  return () => clearInterval(looking);
}
