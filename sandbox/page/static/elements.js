// Things to press and choose inside messages and modals.

import { el, link } from "./dom.js";

const PLAIN = { overflow: "More", users_select: "Person", channels_select: "Channel", conversations_select: "Conversation" };

/** An element that tells the app at once. */
export function interactive(element, context) {
  if (element.type === "button") return button(element, context);
  if (element.type === "static_select" || element.type === "overflow") {
    return menu(element, (value) => context.act(element.action_id, value));
  }
  if (element.type === "radio_buttons") {
    return choices(element, "radio", (inputs) => context.act(element.action_id, inputs.find((input) => input.checked)?.value));
  }
  if (element.type === "datepicker") {
    return el("input", { type: "date", value: element.initial_date, "aria-label": labelOf(element), onchange: (event) => context.act(element.action_id, event.target.value) });
  }
  return el("span", { class: "unknown" }, `[${PLAIN[element.type] || element.type}]`);
}

/** A button; one with an address is a link that also tells the app, as at Slack. */
export function button(element, context) {
  const kind = `press ${element.style || ""}`;
  const words = element.text.text;
  const named = { class: kind, "aria-label": element.accessibility_label, "data-action": element.action_id };
  if (element.url) return link(element.url, words, { ...named, onclick: () => context.act(element.action_id) });
  const node = el("button", { type: "button", ...named }, words);
  node.addEventListener("click", async () => {
    if (element.confirm && !window.confirm(`${element.confirm.title.text}\n\n${element.confirm.text.text}`)) return;
    node.disabled = true;
    await context.act(element.action_id);
    node.disabled = false;
  });
  return node;
}

export function labelOf(element) {
  return element.placeholder?.text || PLAIN[element.type] || "Choose";
}

/** A menu as the browser's own select, which every keyboard and reader knows. */
export function menu(element, choose, properties = {}) {
  const node = el("select", { "aria-label": labelOf(element), "data-action": element.action_id, ...properties });
  node.append(el("option", { value: "", disabled: true, selected: true }, labelOf(element)));
  for (const group of element.option_groups || [{ options: element.options }]) {
    const options = group.options.map((option) => el("option", { value: option.value }, optionWords(option)));
    node.append(...(group.label ? [el("optgroup", { label: group.label.text }, ...options)] : options));
  }
  if (element.initial_option) node.value = element.initial_option.value;
  node.addEventListener("change", () => choose(node.value));
  return node;
}

function optionWords(option) {
  return option.description ? `${option.text.text} – ${option.description.text}` : option.text.text;
}

/** Radio buttons or checkboxes. */
export function choices(element, type, changed = () => {}) {
  const initial = new Set([...(element.initial_options || []), element.initial_option].filter(Boolean).map((option) => option.value));
  const name = `${element.action_id}-${Math.random()}`;
  const inputs = element.options.map((option) => el("input", { type, name, value: option.value, checked: initial.has(option.value) }));
  const labels = inputs.map((input, place) => el("label", { class: "choice" }, input, optionWords(element.options[place])));
  const node = el("div", { class: "choices", "data-action": element.action_id, onchange: () => changed(inputs) }, ...labels);
  node.inputs = inputs;
  return node;
}
