// What people do inside Sage 200 and at the company's site. It changes the simulated side alone.
import { el, read, send } from "/panel/calls.js";

const SITES = [["working", "Works"], ["offline", "Offline"], ["slow", "Slow"], ["failing", "Fails (503)"]];
const POSTINGS = [
  ["receipt", "Post receipt"], ["invoice", "Post invoice"], ["credit", "Post credit note"],
  ["allocate", "Allocate credit"], ["refund", "Pay back"],
  ["query", "Invoice in query"], ["order", "Enter order"], ["limit", "Set limit"],
];
let numbers = 0;

function styled() {
  if (document.querySelector('link[href="/panel/panel.css"]')) return;
  document.head.append(el("link", { rel: "stylesheet", href: "/panel/panel.css" }));
}

function labelled(words, field) {
  field.id = `panel-${++numbers}`;
  return el("p", { class: "panel-field" }, el("label", { for: field.id, text: words }), field);
}

export function mount(element, api) {
  styled();
  const said = el("p", { class: "panel-said", role: "status" });
  const company = el("select", { on: { change: () => search() } });
  const words = el("input", { type: "search", autocomplete: "off", placeholder: "ABS001, a name, a postcode", on: { input: later } });
  const reason = el("input", { maxlength: "256", value: "Over terms" });
  const amount = el("input", { inputmode: "decimal", value: "500.00" });
  const count = el("input", { type: "number", min: "1", max: "100", value: "10" });
  const oddity = el("select", {}, el("option", { value: "", text: "as they should be" }));
  const found = el("ul", { class: "panel-found", "aria-label": "Accounts" });
  const chosen = el("div", { class: "panel-chosen", hidden: true });
  const people = el("ul", { class: "panel-people" });
  const now = el("p", { class: "panel-now" });
  let customer = null, run = null, isBusy = false, waiting = 0;

  async function doing(path, body, button) {
    if (isBusy) return null;
    isBusy = true;
    said.className = "panel-said";
    said.textContent = "One moment…";
    button?.setAttribute("aria-busy", "true");
    try {
      const answer = await send(path, body);
      said.textContent = answer.said;
      api.toast?.(answer.said);
      return answer;
    } catch (error) {
      said.className = "panel-said is-wrong";
      said.textContent = error.message;
      return null;
    } finally {
      isBusy = false;
      button?.removeAttribute("aria-busy");
    }
  }

  const act = (text, work, more = {}) =>
    el("button", { type: "button", text, ...more, on: { click: (event) => work(event.currentTarget) } });

  function later() {
    clearTimeout(waiting);
    waiting = setTimeout(search, 200);
  }

  async function search() {
    const asked = words.value;
    const query = new URLSearchParams({ q: asked, company: company.value || "0" });
    try {
      const answer = await read(`customers?${query}`);
      if (asked !== words.value) return;
      found.replaceChildren(...answer.found.map(row));
      if (!answer.found.length) found.append(el("li", { text: "No account like that." }));
    } catch (error) {
      said.textContent = error.message;
    }
  }

  function row(each) {
    const state = each.on_hold ? " · on hold" : each.is_over_limit ? " · over limit" : "";
    const button = act("", () => choose(each), { class: "panel-row", "aria-pressed": String(each.reference === customer?.reference) });
    button.append(el("b", { text: each.reference }), ` ${each.name}`, el("small", { text: `${each.city} · ${each.balance} of ${each.limit}${state}` }));
    return el("li", {}, button);
  }

  function choose(each) {
    customer = each;
    for (const button of found.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.querySelector("b").textContent === each.reference));
    }
    const held = each.on_hold ? `On hold${each.status_reason ? `: ${each.status_reason}` : ""}` : "Not on hold";
    chosen.hidden = false;
    chosen.querySelector("h4").textContent = `${each.name} (${each.reference})`;
    chosen.querySelector(".panel-facts").textContent = `${held}. Balance ${each.balance}, limit ${each.limit}, open orders ${each.orders}.`;
  }

  async function change(path, button) {
    const body = { company: Number(company.value || 0), reference: customer.reference, reason: reason.value, amount: amount.value, kind: oddity.value };
    const answer = await doing(path, body, button);
    if (!answer) return;
    choose(answer.customer);
    await search();
  }

  function shown(state) {
    if (run !== null && run !== state.run) { customer = null; chosen.hidden = true; search(); }
    run = state.run;
    if (!company.options.length) {
      company.append(...state.companies.map((name, at) => el("option", { value: String(at), text: name })));
    }
    if (oddity.options.length < 2) oddity.append(...state.oddities.map((kind) => el("option", { value: kind, text: kind })));
    for (const button of site.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.state === state.site));
    }
    people.replaceChildren(...state.people.map((person) => el("li", {},
      el("span", { text: `${person.name}: ${person.is_signed_in ? "signed in" : "not signed in"}` }),
      act("Expire", (button) => end(person, "access", button), { "aria-label": `Expire ${person.name}'s access token` }),
      act("Revoke", (button) => end(person, "all", button), { "aria-label": `Revoke ${person.name}'s sign-in` }))));
    if (state.clock) tell(state.clock);
    time.hidden = !state.clock;
    again.hidden = !state.can_reset;
  }

  function tell(clock) {
    const when = new Date(clock.now).toLocaleString("en-GB", { dateStyle: "full", timeStyle: "medium" });
    const ahead = Math.round(clock.ahead_seconds / 3600);
    now.textContent = `${when}${ahead ? ` (${ahead} hours ahead)` : ""}${clock.speed > 1 ? `, ${clock.speed} times as fast` : ""}`;
  }

  async function end(person, what, button) {
    if (await doing("sign-in", { email: person.email, end: what }, button)) await refresh();
  }

  async function refresh() {
    // People are drawn anew, so a key press must not lose its place.
    if (people.contains(document.activeElement)) return;
    try { shown(await read("state")); } catch { /* it begins again; the next look finds it */ }
  }

  async function reset(button) {
    const before = run;
    if (!(await doing("reset", {}, button))) return;
    customer = null;
    chosen.hidden = true;
    for (let tries = 0; tries < 120; tries += 1) {
      await new Promise((done) => setTimeout(done, 500));
      try {
        const state = await read("state");
        if (state.run !== before) {
          shown(state);
          await search();
          said.textContent = "Everything is as it was at the beginning.";
          api.toast?.(said.textContent);
          return;
        }
      } catch { /* not there yet */ }
    }
    said.textContent = "It has not come back. Look at the window where the demo was started.";
  }

  const site = el("p", { class: "panel-buttons" }, ...SITES.map(([state, text]) =>
    act(text, async (button) => { if (await doing("site", { state }, button)) await refresh(); }, { "data-state": state })));
  const clock = (body) => async (button) => { const answer = await doing("clock", body, button); if (answer) tell(answer.clock); };
  const time = el("section", {}, el("h3", { text: "Clock" }), now, el("p", { class: "panel-buttons" },
    act("+1 hour", clock({ hours: 1 })), act("+1 day", clock({ hours: 24 })), act("60 times as fast", clock({ speed: 60 })),
    act("Usual speed", clock({ speed: 1 })), act("Back to now (resets)", reset)));
  const again = el("section", {}, el("h3", { text: "Begin again" }),
    el("p", { text: "Slack, Sage 200 and the app's data as they were at the start." }), el("p", { class: "panel-buttons" }, act("Reset", reset)));
  chosen.append(el("h4"), el("p", { class: "panel-facts" }),
    labelled("Status reason", reason),
    el("p", { class: "panel-buttons" }, act("Put on hold", (b) => change("hold", b)), act("Release", (b) => change("release", b))),
    labelled("Amount", amount),
    el("p", { class: "panel-buttons" }, ...POSTINGS.map(([path, text]) => act(text, (b) => change(path, b)))),
    labelled("Its rows in Sage's answers", oddity), el("p", { class: "panel-buttons" }, act("Give them so", (b) => change("odd", b))));
  const bulk = async (button) => {
    const body = { company: Number(company.value || 0), count: Number(count.value), reason: reason.value };
    if (await doing("bulk-hold", body, button)) await search();
  };
  element.classList.add("panel");
  element.append(
    el("h2", { text: "Inside Sage 200" }), el("p", { class: "panel-demo", text: "DEMO: simulated, on this machine only" }), said,
    el("section", {}, el("h3", { text: "Customers" }), labelled("Company", company), labelled("Find", words), found, chosen),
    el("section", {}, el("h3", { text: "Many at once" }), labelled("Accounts", count), el("p", { class: "panel-buttons" }, act("Put on hold together", bulk))),
    el("section", {}, el("h3", { text: "The company's site" }), site),
    el("section", {}, el("h3", { text: "Sign-ins" }), people), time, again);
  refresh().then(search);
  const looking = setInterval(refresh, 2000);
  return () => clearInterval(looking);
}
