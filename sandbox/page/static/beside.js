// What opens at the right: an object's pane as the app drew it for this person, and Slack's assistant with the app's tools.

import { post } from "./api.js";
import { byId, el, link } from "./dom.js";

const COLOURS = new Set(["red", "yellow", "green", "gray", "blue"]);
const EXAMPLES = { reference: "ABS001", amount: "1500", words: "garages" };

/** `done(name, body)` acts for the person at the page, `tried(promise)` says what failed, `names` are people's. */
export function startBeside({ done, tried, user, names }) {
  const panel = byId("beside");
  let opener = null;

  function show(title, ...nodes) {
    if (panel.hidden) opener = document.activeElement;
    byId("beside-title").textContent = title;
    byId("beside-body").replaceChildren(...nodes);
    panel.hidden = false;
    byId("assistant").setAttribute("aria-expanded", String(title === ASSISTANT));
  }

  function close() {
    if (panel.hidden) return;
    panel.hidden = true;
    byId("assistant").setAttribute("aria-expanded", "false");
    (opener?.isConnected ? opener : byId("words")).focus();
  }

  async function openObject(ts) {
    const shown = await tried(post("object", { user: user(), ts }));
    if (!shown) return;
    show(shown.title, ...drawn(shown, () => openObject(ts)));
    byId("beside-body").focus();
  }

  function drawn(shown, again) {
    const press = (each) => el("button", { type: "button", class: `press ${each.style}`, onclick: () => done("press-in-pane", { pane: shown.pane, action_id: each.action_id }) }, each.words);
    const rows = shown.fields.flatMap((each) => [el("dt", {}, each.label), el("dd", {}, tagged(each.value, each.tag_color))]);
    return [
      el("p", { class: "soft" }, shown.kind),
      rows.length ? el("dl", { class: "facts" }, ...rows) : null,
      shown.error ? el("p", { class: "refused" }, shown.error) : null,
      shown.auth_url ? el("p", {}, "Connect your Sage ID to see this. ", link(shown.auth_url, "Connect", { class: "press primary" })) : null,
      shown.actions.length ? el("div", { class: "actions" }, ...shown.actions.map(press)) : null,
      el("p", { class: "soft foot" }, `The app drew this for ${names[user()]}. Be somebody else (“You are”) and open it again: each person sees what they may.`),
      el("button", { type: "button", class: "press", onclick: again }, "Refresh"),
    ].filter(Boolean);
  }

  async function openAssistant() {
    const found = await tried(post("tools", {}));
    if (!found) return;
    const tool = el("select", { id: "tool" }, ...found.tools.map((each) => el("option", { value: each.name }, each.title)));
    const fields = el("div", { class: "arguments" });
    const answers = el("div", { role: "status" });
    const ask = el("button", { type: "submit", class: "press primary" }, "Ask as three people");
    const chosen = () => found.tools.find((each) => each.name === tool.value);
    const fill = () => fields.replaceChildren(...chosen().arguments.flatMap(argument));
    tool.addEventListener("change", fill);
    const form = el("form", { class: "asking", autocomplete: "off" }, el("label", { class: "label", for: "tool" }, "Tool"), tool, fields, ask);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      ask.setAttribute("aria-busy", "true");
      const given = Object.fromEntries([...fields.querySelectorAll("input")].map((each) => [each.name, each.value]));
      const said = await tried(post("ask-tool", { tool: tool.value, arguments: given }));
      ask.removeAttribute("aria-busy");
      if (said) answers.replaceChildren(...said.answers.flatMap(answer));
    });
    fill();
    const who = found.askers.map((each) => names[each]).join(", ");
    show(ASSISTANT, el("p", {}, `Slackbot may call the app's tools in the name of whoever asks it. Here ${who} ask the same: each is answered by their own permissions.`), form, answers);
    tool.focus();
  }

  const answer = ({ user: id, role, text }) => [el("h3", {}, names[id], el("span", { class: "soft" }, ` (${role})`)), el("pre", {}, text)];

  byId("assistant").addEventListener("click", () => (!panel.hidden && byId("beside-title").textContent === ASSISTANT ? close() : openAssistant()));
  byId("beside-close").addEventListener("click", close);
  panel.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && close());
  return { openObject, close };
}

const ASSISTANT = "Assistant";

function argument({ name, about, is_needed: isNeeded }) {
  const id = `argument-${name}`;
  const label = el("label", { class: "label", for: id }, name, isNeeded ? null : el("span", { class: "soft" }, " (optional)"));
  return [label, el("input", { id, name, value: EXAMPLES[name] || "", required: isNeeded, "aria-describedby": `${id}-about` }), el("p", { class: "soft hint", id: `${id}-about` }, about)];
}

function tagged(words, colour) {
  return COLOURS.has(colour) ? el("span", { class: `tag ${colour}` }, words) : words;
}

/** The object under a message, as everybody there sees it. */
export function objectCard(object, open) {
  return el("button", { type: "button", class: "object", onclick: open }, el("strong", {}, object.title), el("span", { class: "soft" }, ` ${object.kind} `), tagged(object.state, object.colour));
}
