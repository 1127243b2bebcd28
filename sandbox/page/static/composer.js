// Where one types, with the list of commands above it.

import { byId, el } from "./dom.js";

const words = byId("words");
const list = byId("commands");
let commands = [];
let active = -1;

/** `send(text)` is called on Enter. */
export function startComposer(known, send) {
  commands = known;
  words.addEventListener("input", () => offer());
  words.addEventListener("keydown", onKey);
  words.addEventListener("blur", () => setTimeout(hide, 150));
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = words.value.trim();
    if (!text) return;
    words.value = "";
    hide();
    send(text);
  });
}

function matching() {
  const typed = words.value.toLowerCase();
  if (!typed.startsWith("/")) return [];
  return commands.filter((each) => each.command.startsWith(typed) && each.command !== typed.trimEnd());
}

function offer() {
  const found = matching();
  active = -1;
  list.replaceChildren(...found.map(option));
  list.hidden = found.length === 0;
  words.setAttribute("aria-expanded", String(found.length > 0));
  words.removeAttribute("aria-activedescendant");
}

function option(each, place) {
  return el(
    "li",
    { role: "option", id: `command-${place}`, "aria-selected": "false", onmousedown: (event) => accept(event, each) },
    el("span", { class: "command" }, each.command, " ", el("span", { class: "hint" }, each.hint)),
    el("span", { class: "about" }, each.about),
  );
}

function onKey(event) {
  const found = list.hidden ? [] : matching();
  if (event.key === "Escape") hide();
  if (!found.length) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose((active + (event.key === "ArrowDown" ? 1 : found.length - (active < 0 ? 0 : 1))) % found.length);
  } else if (event.key === "Tab" && !event.shiftKey) accept(event, found[Math.max(active, 0)]);
  else if (event.key === "Enter" && active >= 0) accept(event, found[active]);
}

function choose(place) {
  active = place;
  [...list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === place)));
  list.children[place].scrollIntoView({ block: "nearest" });
  words.setAttribute("aria-activedescendant", `command-${place}`);
}

function accept(event, each) {
  event.preventDefault();
  words.value = `${each.command}${each.hint ? " " : ""}`;
  words.focus();
  offer();
}

function hide() {
  list.hidden = true;
  active = -1;
  words.setAttribute("aria-expanded", "false");
}
