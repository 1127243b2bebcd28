// The steps of a first walk, in one line. Each notices by itself when it is done: the sandbox looks at its Slack and its Sage.
import { el, read, send } from "/panel/calls.js";

const OUTSIDERS = ["U0GARY", "U0SAM"];
const talk = (api) => api.openChannel(`D0${api.currentUser().slice(2)}`);
const be = async (api, user) => { if (api.currentUser() !== user) await api.switchTo(user); };
const inSales = async (api) => {
  if (OUTSIDERS.includes(api.currentUser())) await be(api, "U0PRIYA");
  api.openChannel("C0SALES");
};

// name, title, what to do as things are (`seen`), and doing it; without the last nobody can do it for you.
const STEPS = [
  ["connect", "Connect", connecting, (seen) => {
    if (!seen.is_installed) return (api) => api.install();
    if (seen.has_companies) return (api) => { talk(api); return api.say("/sage company 2"); };
    if (seen.has_link) return null;
    return (api) => { talk(api); return api.say("/sage connect"); };
  }],
  ["ask", "Ask", () => "Type /customer ABS001: the balance, the credit limit, and whether the account is on hold.",
    () => (api) => { talk(api); return api.say("/customer ABS001"); }],
  ["overdue", "Overdue", () => "Type /overdue: who owes late money, the oldest debt first. /overdue suggested are those to put on hold.",
    () => (api) => { talk(api); return api.say("/overdue"); }],
  ["refused", "Be refused", () => "Be Guest Gary (“You are”), and ask the same: guests and strangers get no figure.",
    () => async (api) => { await api.switchTo("U0GARY"); api.openChannel("C0SALES"); return api.say("/customer ABS001"); }],
  ["subscribe", "Subscribe", () => "As Priya, in #sales: type /sage subscribe holds,releases here, and press Join.",
    () => async (api) => { await inSales(api); return api.say("/sage subscribe holds,releases here"); }],
  ["hold", "Hold", (seen) => seen.is_held
    ? "ABS001 is on hold in Sage 200. In a moment #sales is told."
    : "Put ABS001 on hold inside Sage 200 (the black button, top right), and watch #sales.",
    () => async (api) => { await inSales(api); return (await send("hold", { reference: "ABS001", reason: "Over terms" })).said; }],
  ["request", "Release", releasing, (seen) => async (api) => {
    if (seen.is_asked) {
      await be(api, "U0PRIYA");
      talk(api);
      return api.say(`/sage approve ${seen.request}`);
    }
    if (seen.has_rep) {
      await be(api, "U0GEORGE");
      talk(api);
      return api.say("/customer ABS001 request-release Paid this morning");
    }
    await be(api, "U0PRIYA");
    talk(api);
    await api.say("/sage roles @george sales");
    await new Promise((later) => setTimeout(later, 1500));
    return api.say('/sage roles @george customers "sales rep":George');
  }],
  ["outage", "Outage", () => "Turn the site off inside Sage 200, then ask again: the app says how old its copy is.",
    () => async (api) => {
      await inSales(api);
      const { said } = await send("site", { state: "offline" });
      await api.say("/customer ABS001");
      return said;
    }],
];

function connecting(seen) {
  if (!seen.is_installed) return "Install the app as an admin would, allow it, and come back to this page.";
  if (!seen.has_link) return "Type /sage connect in the message box below.";
  if (seen.has_companies) return "Your sign-in opens two companies. Pick ABS Motor Factors, or type /sage company 2.";
  return "Press Continue to Sage ID, sign in as Priya, and type the code that you are shown: /sage verify CODE.";
}

function releasing(seen) {
  if (seen.is_asked) return "Be Priya again: in Sage 200's conversation press Approve. #sales is told.";
  if (seen.has_rep) return "Be George, and type /customer ABS001 request-release Paid this morning.";
  return "As Priya: /sage roles @george sales, then /sage roles @george customers rep:George.";
}

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

  const current = () => STEPS.find(([name]) => !seen.done[name] && !skipped.has(name));

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
    const print = JSON.stringify([seen, [...skipped], open]);
    if (drawn === print) return;
    drawn = print;
    const focused = document.activeElement;
    const step = current();
    const states = STEPS.map((each) => stateOf(each, step));
    dots.replaceChildren(...states.map((state) => el("span", { class: `tour-dot ${state}` })));
    const finished = states.filter((state) => state === "done").length;
    title.textContent = step ? `${STEPS.indexOf(step) + 1} of ${STEPS.length} · ${step[1]}` : `${finished} of ${STEPS.length} done`;
    about.textContent = step ? step[2](seen) : "That was the tour. Go on as you like: try other people, or /sage help.";
    list.replaceChildren(...STEPS.map((each, place) => item(each, states[place])));
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
  element.append(el("div", { class: "tour-line" }, dots, now, el("div", { class: "tour-buttons" }, does, mend, skip, all, fold)), more);
  look();
  const looking = setInterval(look, 1000);
  return () => clearInterval(looking);
}
