// Where one types, with what it offers above it. Enter sends, Shift and Enter begin a new line.

import { el } from "./dom.js";

/** `offers(before)` says what matches the text before the caret; `send(text)` is called on Enter. */
export function startComposer({ form, words, list, offers, send }) {
  let options = [];
  let active = -1;

  function offer() {
    const found = offers(words.value.slice(0, words.selectionStart));
    options = found.options;
    list.setAttribute("aria-label", found.label || "Suggestions");
    list.replaceChildren(...options.map(item));
    list.hidden = options.length === 0;
    words.setAttribute("aria-expanded", String(options.length > 0));
    mark(found.preselect && options.length ? 0 : -1);
  }

  function item(each, place) {
    const hint = each.hint ? el("span", { class: "hint" }, ` ${each.hint}`) : null;
    const press = (event) => {
      event.preventDefault();
      accept(each);
    };
    return el("li", { role: "option", id: `${list.id}-${place}`, "aria-selected": "false", onmousedown: press }, el("span", { class: "command" }, each.words, hint), each.about ? el("span", { class: "about" }, each.about) : null);
  }

  function mark(place) {
    active = place;
    [...list.children].forEach((each, index) => each.setAttribute("aria-selected", String(index === place)));
    list.children[place]?.scrollIntoView({ block: "nearest" });
    if (place < 0) words.removeAttribute("aria-activedescendant");
    else words.setAttribute("aria-activedescendant", `${list.id}-${place}`);
  }

  function accept(each) {
    words.setRangeText(each.insert, each.from, words.selectionStart, "end");
    words.focus();
    offer();
  }

  function hide() {
    options = [];
    list.hidden = true;
    words.setAttribute("aria-expanded", "false");
    mark(-1);
  }

  function submit() {
    const text = words.value.trim();
    if (!text) return;
    words.value = "";
    hide();
    send(text);
  }

  function onKey(event) {
    const size = options.length;
    const isEnter = event.key === "Enter" && !event.shiftKey && !event.isComposing;
    if (event.key === "Escape" && size) hide();
    else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && size) {
      mark(event.key === "ArrowDown" ? (active + 1) % size : (Math.max(active, 0) + size - 1) % size);
    } else if (event.key === "Tab" && !event.shiftKey && size) accept(options[Math.max(active, 0)]);
    else if (isEnter && active >= 0) accept(options[active]);
    else if (isEnter) submit();
    else return;
    event.preventDefault();
  }

  words.addEventListener("input", offer);
  words.addEventListener("keydown", onKey);
  words.addEventListener("blur", () => setTimeout(hide, 150));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
}
