// Input blocks. Each node carries `read()`, its value as the sandbox takes it, and `complain(words)`.

import { el } from "./dom.js";
import { chooser, labelOf } from "./elements.js";

const TYPES = { plain_text_input: "text", number_input: "number", email_text_input: "email", url_text_input: "url" };
let count = 0;

export function field(block, context) {
  const id = `field-${(count += 1)}`;
  const changed = block.dispatch_action ? (value) => context.act(block.element.action_id, value) : () => {};
  const control = chooser(block.element, context, { id, changed }) || typed(block.element, id, changed);
  const main = control.input || control;
  const isGroup = control.classList.contains("choices");
  const optional = block.optional ? el("span", { class: "soft" }, " (optional)") : null;
  const hint = block.hint ? el("p", { class: "hint", id: `${id}-hint` }, block.hint.text) : null;
  const error = el("p", { class: "error", id: `${id}-error`, hidden: true });
  const label = el(isGroup ? "p" : "label", { class: "label", for: isGroup ? null : id, id: `${id}-label` }, block.label.text, optional);
  const node = el("div", { class: "field", "data-block": block.block_id }, label, control, hint, error);
  main.setAttribute("aria-describedby", `${hint ? `${id}-hint ` : ""}${id}-error`);
  if (isGroup) main.setAttribute("aria-labelledby", `${id}-label`);
  else if (!block.optional) main.setAttribute("aria-required", "true");
  node.read = control.read;
  node.missing = () => !block.optional && isEmpty(control.read());
  node.complain = (words) => {
    error.textContent = words || "";
    error.hidden = !words;
    main.toggleAttribute("data-wrong", Boolean(words));
    if (!isGroup) main.setAttribute("aria-invalid", String(Boolean(words)));
  };
  node.focusControl = () => (isGroup ? control.querySelector("input") : main).focus();
  return node;
}

function isEmpty(value) {
  return value === null || value === "" || (Array.isArray(value) && !value.length);
}

function typed(element, id, changed) {
  const common = {
    id,
    placeholder: element.placeholder?.text,
    minlength: element.min_length,
    maxlength: element.max_length,
    min: element.min_value,
    max: element.max_value,
    step: element.type === "number_input" ? (element.is_decimal_allowed ? "any" : "1") : null,
    autofocus: element.focus_on_load,
  };
  const value = element.initial_value || "";
  const known = TYPES[element.type];
  const node = element.multiline
    ? el("textarea", { ...common, rows: "4" }, value)
    : el("input", { ...common, type: known || "text", value, disabled: !known, placeholder: known ? common.placeholder : `${labelOf(element)}: not in this demo` });
  node.addEventListener("change", () => changed(node.value));
  node.read = () => node.value || null;
  return node;
}
