// A first walk for each role, a step at a time in one line. Each notices by itself when it is done: the sandbox looks at its Slack
// and its Sage.
import { el, read, send } from "/panel/calls.js";
import { TOURS } from "/panel/tour_steps.js";

export function mount(element, api) {
  const skipped = new Set();
  const open = { list: false, tour: true };
  let seen = { done: {} }, drawn = "";

  const button = (text, work, more = {}) => el("button", { type: "button", text, ...more, on: { click: work } });
  const dots = el("span", { class: "tour-dots", "aria-hidden": "true" });
  const title = el("b", { class: "tour-title" });
  const about = el("span", { class: "tour-about" });
  const now = el("p", { class: "tour-now", role: "status" }, title, about);
  const does = button("Do it for me", () => current() && help(current()[3](seen)), { class: "tour-go" });
  const mend = button("Turn Sage 200 on again", () => help(async () => (await send("site", { state: "working" })).said), { class: "tour-go" });
  const skip = button("Skip", () => { skipped.add(current()[0]); draw(); });
  const all = button("All steps", () => toggle("list"), { "aria-controls": "tour-list" });
  const fold = button("Hide", () => toggle("tour"));
  const list = el("ol", { class: "tour-steps" });
  const more = el("div", { class: "tour-more", id: "tour-list" }, list, button("Begin the tour again", restart));

  const tour = el("select", { class: "tour-role", "aria-label": "Tour", on: { change: () => draw() } },
    ...Object.keys(TOURS).map((name) => el("option", { value: name, text: name })));
  const steps = () => TOURS[tour.value];
  const current = () => steps().find(([name]) => !seen.done[name] && !skipped.has(name));

  function toggle(what) {
    open[what] = !open[what];
    draw();
  }

  async function help(work) {
    try {
      const said = await work?.(api);
      if (said) api.toast?.(said);
    } catch (error) {
      api.toast?.(error.message);
    }
    await look();
  }

  function draw() {
    const print = JSON.stringify([seen, [...skipped], open, tour.value]);
    if (drawn === print) return;
    drawn = print;
    const focused = document.activeElement;
    const step = current();
    const states = steps().map((each) => stateOf(each, step));
    dots.replaceChildren(...states.map((state) => el("span", { class: `tour-dot ${state}` })));
    const finished = states.filter((state) => state === "done").length;
    title.textContent = step ? `${steps().indexOf(step) + 1} of ${steps().length} · ${step[1]}` : `${finished} of ${steps().length} done`;
    about.textContent = step ? step[2](seen) : "That was the tour. Go on as you like: try other people, or /sage help.";
    list.replaceChildren(...steps().map((each, place) => item(each, states[place])));
    does.hidden = !open.tour || !step?.[3](seen);
    skip.hidden = !open.tour || !step;
    mend.hidden = !open.tour || Boolean(step) || !seen.is_off;
    all.hidden = !open.tour;
    all.setAttribute("aria-expanded", String(open.list && open.tour));
    more.hidden = !open.list || !open.tour;
    about.hidden = !open.tour;
    fold.textContent = open.tour ? "Hide" : "Show the tour";
    element.classList.toggle("folded", !open.tour);
    if (focused?.hidden && element.contains(focused)) (step && !does.hidden ? does : all).focus();
  }

  function stateOf([name], step) {
    if (seen.done[name]) return "done";
    if (skipped.has(name)) return "skipped";
    return step?.[0] === name ? "now" : "";
  }

  function item([, name, sentence], state) {
    const words = { done: " ✓ done", skipped: " skipped", now: " now" }[state] ?? "";
    return el("li", { class: `tour-step ${state}`, "aria-current": state === "now" ? "step" : null },
      el("b", { text: name }), el("span", { class: "tour-state", text: words }), state === "done" ? "" : el("span", { class: "tour-sentence", text: sentence(seen) }));
  }

  async function look() {
    try {
      const answer = await read("tour");
      if (seen.run && answer.run !== seen.run) skipped.clear();
      seen = answer;
      draw();
    } catch { /* it begins again; the next look finds it */ }
  }

  async function restart() {
    skipped.clear();
    try { await send("tour"); } catch (error) { api.toast?.(error.message); }
    await look();
  }

  element.classList.add("panel", "tour");
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", "Guided tour");
  element.append(el("div", { class: "tour-line" }, tour, dots, now, el("div", { class: "tour-buttons" }, does, mend, skip, all, fold)), more);
  look();
  const looking = setInterval(look, 1000);
  return () => clearInterval(looking);
}
