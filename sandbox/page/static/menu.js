// A button with a menu: arrow keys move, Enter chooses, Escape closes and gives the focus back.

import { el } from "./dom.js";

/** `items` are {words, about?, choose}. */
export function menuButton({ label, face, kind = "", items }) {
  const list = el("ul", { role: "menu", class: "menu", "aria-label": label, hidden: true });
  const button = el("button", { type: "button", class: `press menu-button ${kind}`, "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": label }, face);
  const node = el("span", { class: "menu-holder" }, button, list);
  const close = (takesFocus) => {
    list.hidden = true;
    button.setAttribute("aria-expanded", "false");
    if (takesFocus) button.focus();
  };
  const open = () => {
    list.hidden = false;
    button.setAttribute("aria-expanded", "true");
    list.classList.toggle("up", list.getBoundingClientRect().bottom > window.innerHeight - 8);
    list.querySelector("button").focus();
  };
  list.append(...items.map((item) => entry(item, close)));
  button.addEventListener("click", () => (list.hidden ? open() : close(true)));
  node.addEventListener("keydown", (event) => moved(event, list, close));
  node.addEventListener("focusout", (event) => node.contains(event.relatedTarget) || close(false));
  return node;
}

function entry(item, close) {
  const choose = () => {
    close(true);
    item.choose();
  };
  const about = item.about ? el("span", { class: "soft" }, item.about) : null;
  return el("li", { role: "none" }, el("button", { type: "button", role: "menuitem", tabindex: "-1", onclick: choose }, item.words, about));
}

function moved(event, list, close) {
  if (list.hidden) return;
  const buttons = [...list.querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement);
  const steps = { ArrowDown: at + 1, ArrowUp: at - 1 + buttons.length, Home: 0, End: buttons.length - 1 };
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    close(true);
  } else if (event.key in steps) {
    event.preventDefault();
    buttons[steps[event.key] % buttons.length].focus();
  }
}
