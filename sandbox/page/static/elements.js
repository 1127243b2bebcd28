// Things to press and choose. Each carries `read()`, its value as the sandbox takes it, and calls `changed(value)`.

import { sure } from "./confirm.js";
import { el, link } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { menuButton } from "./menu.js";
import { text } from "./mrkdwn.js";
import { picker } from "./picker.js";
import { sourceOf, toldOf } from "./sources.js";

const LABELS = { users_select: "Choose somebody", channels_select: "Choose a channel", conversations_select: "Choose a conversation", datepicker: "Choose a date", timepicker: "Choose a time", datetimepicker: "Choose a date and time" };
const NATIVE = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" };
let count = 0;

export function labelOf(element) {
  return element.placeholder?.text || LABELS[element.type.replace("multi_", "")] || "Choose";
}

/** An element outside an input block: it tells the app at once, after asking whether they are sure. */
export function interactive(element, context) {
  if (element.type === "button") return button(element, context);
  if (element.type === "overflow") return overflow(element, context);
  if (element.type === "feedback_buttons") return feedback(element, context);
  const act = async (value) => {
    if (!element.confirm || (await sure(element.confirm, context.names))) await context.act(element.action_id, value);
  };
  return chooser(element, context, { changed: act }) || el("span", { class: "unknown" }, `[${element.type}]`);
}

/** Anything to choose with, or nothing for what is typed. */
export function chooser(element, context, { id, changed = () => {} } = {}) {
  if (element.type === "static_select") return native(element, { id, changed });
  if (element.type.endsWith("_select")) return searching(element, context, { id, changed });
  if (element.type === "radio_buttons" || element.type === "checkboxes") return choices(element, context, changed);
  if (!NATIVE[element.type]) return null;
  const value = element.initial_date || element.initial_time || local(element.initial_date_time);
  const node = el("input", { id, type: NATIVE[element.type], value, "aria-label": id ? null : labelOf(element), onchange: () => changed(node.read()) });
  node.read = () => (element.type === "datetimepicker" && node.value ? Date.parse(node.value) / 1000 : node.value || null);
  return node;
}

/** A button; one with an address is a link that also tells the app, as at Slack. */
function button(element, context) {
  const named = { class: `press ${element.style || ""}`, "aria-label": element.accessibility_label, "data-action": element.action_id };
  const words = withEmoji(element.text.text);
  if (element.url) return link(element.url, words, { ...named, onclick: () => context.act(element.action_id) });
  const node = el("button", { type: "button", ...named }, words);
  node.addEventListener("click", async () => {
    if (node.getAttribute("aria-busy") || (element.confirm && !(await sure(element.confirm, context.names)))) return;
    node.setAttribute("aria-busy", "true");
    await context.act(element.action_id);
    node.removeAttribute("aria-busy");
  });
  return node;
}

/** Two small presses, of which the last one pressed stays marked, as at Slack. */
function feedback(element, context) {
  const node = el("span", { class: "feedback", "data-action": element.action_id });
  const faces = [["👍", element.positive_button], ["👎", element.negative_button]];
  for (const [face, each] of faces) {
    const pressed = el("button", { type: "button", class: "press", "aria-label": each.accessibility_label || each.text.text, "aria-pressed": "false", title: each.text.text }, face);
    pressed.addEventListener("click", async () => {
      for (const other of node.children) other.setAttribute("aria-pressed", String(other === pressed));
      await context.act(element.action_id, each.value);
    });
    node.append(pressed, " ");
  }
  return node;
}

function overflow(element, context) {
  const act = async (option) => {
    if (option.url && /^https?:/.test(option.url)) window.open(option.url, "_blank", "noopener,noreferrer");
    if (!element.confirm || (await sure(element.confirm, context.names))) await context.act(element.action_id, option.value);
  };
  const items = element.options.map((option) => ({ words: option.text.text, about: option.description?.text, choose: () => act(option) }));
  return menuButton({ label: "More", face: "⋯", items });
}

/** A short menu is the browser's own select, which every keyboard and reader knows. */
function native(element, { id, changed }) {
  const node = el("select", { id, "aria-label": id ? null : labelOf(element), "data-action": element.action_id });
  node.append(el("option", { value: "", selected: true }, labelOf(element)));
  for (const group of element.option_groups || [{ options: element.options }]) {
    const options = group.options.map((option) => el("option", { value: option.value }, wordsOf(option)));
    node.append(...(group.label ? [el("optgroup", { label: group.label.text }, ...options)] : options));
  }
  if (element.initial_option) node.value = element.initial_option.value;
  node.read = () => node.value || null;
  node.addEventListener("change", () => node.value && changed(node.value));
  return node;
}

function searching(element, context, { id, changed }) {
  const isMany = element.type.startsWith("multi_");
  const minimum = element.type.includes("external") ? (element.min_query_length ?? 3) : 0;
  const told = (chosen) => (chosen.length || isMany) && changed(toldOf(element, chosen));
  const node = picker({ id, label: labelOf(element), isMany, most: element.max_selected_items, minimum, changed: told, ...sourceOf(element, context) });
  node.read = () => toldOf(element, node.chosen);
  return node;
}

/** Radio buttons or checkboxes. */
function choices(element, context, changed) {
  const type = element.type === "checkboxes" ? "checkbox" : "radio";
  const initial = new Set([...(element.initial_options || []), element.initial_option].filter(Boolean).map((option) => option.value));
  const name = `choices-${(count += 1)}`;
  const inputs = element.options.map((option) => el("input", { type, name, value: option.value, checked: initial.has(option.value) }));
  const labels = inputs.map((input, place) => el("label", { class: "choice" }, input, el("span", {}, ...richWords(element.options[place], context.names))));
  const node = el("div", { class: "choices", role: type === "radio" ? "radiogroup" : "group", "data-action": element.action_id, onchange: () => changed(node.read()) }, ...labels);
  node.read = () => {
    const chosen = inputs.filter((input) => input.checked).map((input) => input.value);
    return type === "checkbox" ? chosen : (chosen[0] ?? null);
  };
  return node;
}

function richWords(option, names) {
  const about = option.description ? [el("span", { class: "soft block" }, ...text(option.description, names))] : [];
  return [...text(option.text, names), ...about];
}

function wordsOf(option) {
  const words = withEmoji(option.text.text);
  return option.description ? `${words} – ${option.description.text}` : words;
}

function local(seconds) {
  return seconds ? new Date((seconds - new Date().getTimezoneOffset() * 60) * 1000).toISOString().slice(0, 16) : null;
}
