// The modal that an app opened for this person.

import { post } from "./api.js";
import { blocks, valuesIn } from "./blocks.js";
import { byId, el } from "./dom.js";

const TYPED = "input:not([type=checkbox], [type=radio], [role=combobox]), textarea, select";
let shown = "";

/** Show, refresh or close it. What was typed stays where the new content asks for the same. */
export function showView(view, room) {
  const dialog = byId("modal");
  if (!view) {
    shown = "";
    if (dialog.open) dialog.close();
    return;
  }
  if (shown !== `${view.id} ${view.hash}`) draw(dialog, view, room);
  complain(dialog, view.errors);
}

function draw(dialog, view, room) {
  const isSame = shown.startsWith(`${view.id} `);
  const kept = isSame ? typedIn(dialog) : {};
  const focused = isSame ? document.activeElement?.closest(".field")?.dataset.block : null;
  shown = `${view.id} ${view.hash}`;
  const target = { view_id: view.id };
  const context = {
    ...room,
    act: (actionId, selected) => room.act(target, actionId, selected, valuesIn(dialog)),
    suggest: (actionId, words) => room.suggest(target, actionId, words),
  };
  dialog.replaceChildren(form(view, context));
  for (const node of dialog.querySelectorAll(".field")) {
    const control = node.querySelector(TYPED);
    if (control && kept[node.dataset.block]) control.value = kept[node.dataset.block];
  }
  dialog.oncancel = (event) => {
    event.preventDefault();
    leave(view, room);
  };
  const isFirst = !dialog.open;
  if (isFirst) dialog.showModal();
  // The dialog itself would begin at its cross.
  if (isFirst && !dialog.querySelector("[autofocus]")) dialog.querySelector(".field")?.focusControl?.();
  if (focused) dialog.querySelector(`[data-block="${CSS.escape(focused)}"]`)?.focusControl?.();
}

function typedIn(dialog) {
  const found = [...dialog.querySelectorAll(".field")].map((node) => [node.dataset.block, node.querySelector(TYPED)?.value]);
  return Object.fromEntries(found.filter(([, value]) => value));
}

function form(view, context) {
  const { title, submit, close } = view.content;
  const body = el("div", { class: "modal-body" }, ...blocks(view.content.blocks, context), el("p", { class: "error general", role: "alert", hidden: true }));
  const buttons = el("div", { class: "modal-buttons" });
  buttons.append(el("button", { type: "button", class: "press", onclick: () => leave(view, context) }, close?.text || (submit ? "Cancel" : "Close")));
  if (submit) buttons.append(el("button", { type: "submit", class: "press primary" }, submit.text));
  const shut = el("button", { type: "button", class: "press shut", "aria-label": "Close this window", onclick: () => leave(view, context) }, "×");
  const node = el("form", { class: "modal-form", autocomplete: "off" }, el("div", { class: "modal-top" }, el("h2", { id: "modal-title", class: "modal-title" }, title.text), shut), body, buttons);
  // Enter in a field presses the first submit button it finds; the cross is none.
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    send(node, view, context);
  });
  return node;
}

async function send(node, view, { user }) {
  const missing = [...node.querySelectorAll(".field")].filter((each) => each.missing());
  if (missing.length) return complain(node, Object.fromEntries(missing.map((each) => [each.dataset.block, "Please complete this required field."])));
  const press = node.querySelector("button[type=submit]");
  if (press.getAttribute("aria-busy")) return undefined;
  press.setAttribute("aria-busy", "true");
  try {
    await post("submit", { user: user(), view_id: view.id, values: valuesIn(node) });
  } catch (error) {
    complain(node, { "": error.message });
  }
  press.removeAttribute("aria-busy");
  return undefined;
}

async function leave(view, { user, toast }) {
  await post("close", { user: user(), view_id: view.id }).catch((error) => toast(error.message));
}

function complain(node, errors) {
  // What is wrong may be here before the answer to the submission: they may try again at once.
  if (Object.keys(errors).length) node.querySelector("button[type=submit]")?.removeAttribute("aria-busy");
  const fields = [...node.querySelectorAll(".field")];
  for (const each of fields) each.complain(errors[each.dataset.block]);
  const general = node.querySelector(".general");
  general.textContent = errors[""] || "";
  general.hidden = !errors[""];
  fields.find((each) => errors[each.dataset.block])?.focusControl();
}
