// A field that offers what matches while one types, for one choice or several. The pattern is ARIA's combobox.

import { el } from "./dom.js";

let count = 0;

/** `load(words)` answers, perhaps later, [{label?, options: [{value, words, about?}]}]; `changed(chosen)` hears of every choice. */
export function picker({ id, label, isMany, most = Infinity, minimum = 0, chosen = [], load, changed }) {
  const own = id || `picker-${(count += 1)}`;
  const list = el("ul", { role: "listbox", id: `${own}-list`, "aria-label": label, class: "choices-list", hidden: true });
  const chips = el("span", { class: "chips" });
  const input = el("input", { id: own, type: "text", role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list", "aria-label": id ? null : label, placeholder: label, autocomplete: "off", spellcheck: "false" });
  const node = el("div", { class: "picker" }, el("div", { class: "picker-box" }, chips, input), list);
  const held = { options: [], active: -1, asked: 0, timer: 0 };
  node.chosen = [...chosen];
  node.input = input;

  const show = () => {
    chips.replaceChildren(...(isMany ? node.chosen.map(chip) : []));
    if (!isMany) input.value = node.chosen[0]?.words || "";
  };
  const close = () => {
    clearTimeout(held.timer);
    held.asked += 1;
    list.hidden = true;
    held.active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const settle = (next) => {
    node.chosen = next;
    show();
    changed?.(node.chosen);
  };
  const choose = (option) => {
    if (isMany) input.value = "";
    settle(isMany ? [...node.chosen.filter((each) => each.value !== option.value), option].slice(0, most) : [option]);
    close();
  };
  const remove = (option) => {
    settle(node.chosen.filter((each) => each !== option));
    input.focus();
  };
  const chip = (option) => el("span", { class: "chip" }, option.words, el("button", { type: "button", "aria-label": `Remove ${option.words}`, onclick: () => remove(option) }, "×"));
  const mark = (place) => {
    held.active = place;
    const items = list.querySelectorAll("[role=option]");
    items.forEach((item, index) => item.setAttribute("aria-selected", String(index === place)));
    items[place]?.scrollIntoView({ block: "nearest" });
    if (items[place]) input.setAttribute("aria-activedescendant", items[place].id);
  };
  const item = (option, place) => el("li", { role: "option", id: `${own}-${place}`, "aria-selected": "false", onmousedown: (event) => { event.preventDefault(); choose(option); } }, el("span", {}, option.words), option.about ? el("span", { class: "soft" }, option.about) : null);
  const fill = (groups) => {
    held.options = groups.flatMap((group) => group.options);
    let place = 0;
    const nodes = groups.flatMap((group) => [
      ...(group.label ? [el("li", { role: "presentation", class: "group" }, group.label)] : []),
      ...group.options.map((option) => item(option, place++)),
    ]);
    list.replaceChildren(...(held.options.length ? nodes : [el("li", { role: "presentation", class: "group" }, "Nothing matches")]));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(held.options.length ? 0 : -1);
  };
  const ask = async (words) => {
    const asked = (held.asked += 1);
    if (words.length < minimum) return close();
    try {
      const groups = await load(words);
      if (asked === held.asked) fill(groups);
    } catch {
      if (asked === held.asked) list.replaceChildren(el("li", { role: "presentation", class: "group" }, "The app did not answer"));
      list.hidden = false;
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(held.timer);
    if (!isMany && !input.value && node.chosen.length) settle([]);
    held.timer = setTimeout(() => ask(input.value.trim()), 120);
  });
  input.addEventListener("focus", () => isMany || input.select());
  input.addEventListener("click", () => list.hidden && ask(""));
  input.addEventListener("blur", () => {
    close();
    if (!isMany) show();
  });
  input.addEventListener("keydown", (event) => {
    const size = held.options.length;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "ArrowDown" && list.hidden) {
      event.preventDefault();
      ask(isMany ? input.value.trim() : "");
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && size) {
      event.preventDefault();
      mark((held.active + (event.key === "ArrowDown" ? 1 : size - 1)) % size);
    } else if (event.key === "Enter" && !list.hidden && held.active >= 0) {
      event.preventDefault();
      choose(held.options[held.active]);
    } else if (event.key === "Backspace" && isMany && !input.value && node.chosen.length) remove(node.chosen.at(-1));
  });
  show();
  return node;
}
