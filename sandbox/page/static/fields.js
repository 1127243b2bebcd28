// Input blocks of a modal. Each node carries `read()`, its value as the sandbox takes it.

import { choices, labelOf, menu } from "./elements.js";
import { el } from "./dom.js";

const TYPES = { number_input: "number", email_text_input: "email", url_text_input: "url", datepicker: "date", timepicker: "time" };
let count = 0;

export function field(block) {
  const id = `field-${(count += 1)}`;
  const control = controlOf(block.element, id, block);
  const optional = block.optional ? " (optional)" : "";
  const hint = block.hint ? el("p", { class: "hint", id: `${id}-hint` }, block.hint.text) : null;
  const error = el("p", { class: "error", id: `${id}-error`, hidden: true });
  const node = el("div", { class: "field", "data-block": block.block_id }, el("label", { for: id }, block.label.text + optional), control, hint, error);
  control.setAttribute("aria-describedby", `${hint ? `${id}-hint ` : ""}${id}-error`);
  node.read = () => valueOf(control, block.element);
  node.complain = (words) => {
    error.textContent = words || "";
    error.hidden = !words;
    control.toggleAttribute("aria-invalid", Boolean(words));
  };
  return node;
}

function controlOf(element, id, block) {
  const required = !block.optional;
  if (element.type === "static_select") return menu(element, () => {}, { id, required, "aria-label": null });
  if (element.type === "checkboxes") return choices(element, "checkbox");
  if (element.type === "radio_buttons") return choices(element, "radio");
  const common = {
    id,
    required,
    placeholder: element.placeholder?.text,
    minlength: element.min_length,
    maxlength: element.max_length,
    min: element.min_value,
    max: element.max_value,
    autofocus: element.focus_on_load,
  };
  if (element.multiline) return el("textarea", { ...common, rows: "4" }, element.initial_value || "");
  if (!TYPES[element.type] && element.type !== "plain_text_input") {
    return el("input", { ...common, disabled: true, required: false, placeholder: `${labelOf(element)}: not in this demo` });
  }
  const value = element.initial_value || element.initial_date || element.initial_time;
  return el("input", { ...common, type: TYPES[element.type] || "text", value });
}

function valueOf(control, element) {
  if (!control.inputs) return control.value || null;
  const chosen = control.inputs.filter((input) => input.checked).map((input) => input.value);
  return element.type === "checkboxes" ? chosen : chosen[0] || null;
}
