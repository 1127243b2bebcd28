// A table that its reader sorts, filters and pages; the app hears of none of it.

import { el } from "./dom.js";
import { richText } from "./rich_text.js";

const USUAL_PAGE = 5; // as Slack has it where the app names none
const ENOUGH_TO_FILTER = 10; // rows from which a field to filter by helps more than it is in the way

export function dataTable(block, names) {
  const [head, ...rows] = block.rows;
  const header = block.row_header_column_index || 0;
  const numeric = head.map((_, place) => rows.every((row) => row[place].type === "raw_number"));
  const shown = { sorted: null, descending: false, page: 0, words: "" };
  const size = block.page_size || USUAL_PAGE;

  const body = el("tbody");
  const titles = head.map((cell, place) =>
    el("th", { scope: "col", class: numeric[place] ? "right" : null, "aria-sort": "none" }, el("button", { type: "button", class: "sorts", onclick: () => sort(place) }, cell.text, el("span", { class: "arrow", "aria-hidden": "true" }))),
  );
  const caption = el("caption", {}, block.caption);
  const table = el("table", { class: "data" }, caption, el("thead", {}, el("tr", {}, ...titles)), body);
  const scroll = el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": block.caption }, table);
  const said = el("span", { class: "soft", role: "status" });
  const back = el("button", { type: "button", class: "press", "aria-label": "Earlier rows", onclick: () => turn(-1) }, "‹");
  const on = el("button", { type: "button", class: "press", "aria-label": "Further rows", onclick: () => turn(1) }, "›");
  const pager = el("div", { class: "pager" }, said, back, on);
  const filter = rows.length < ENOUGH_TO_FILTER ? null : el("input", { type: "search", class: "filter", "aria-label": `Filter: ${block.caption}`, placeholder: "Filter rows", oninput: (event) => narrow(event.target.value) });

  function sort(place) {
    shown.descending = shown.sorted === place && !shown.descending;
    shown.sorted = place;
    shown.page = 0;
    draw();
  }

  function turn(by) {
    shown.page += by;
    draw();
  }

  function narrow(words) {
    shown.words = words.trim().toLowerCase();
    shown.page = 0;
    draw();
  }

  function draw() {
    const fitting = rows.filter((row) => row.some((cell) => wordsOf(cell, names).toLowerCase().includes(shown.words)));
    const { sorted, descending } = shown;
    if (sorted !== null) fitting.sort((one, other) => compare(one[sorted], other[sorted], numeric[sorted], names) * (descending ? -1 : 1));
    const pages = Math.max(1, Math.ceil(fitting.length / size));
    const first = shown.page * size;
    const page = fitting.slice(first, first + size);
    body.replaceChildren(...page.map((row) => el("tr", {}, ...row.map((cell, place) => drawn(cell, place)))));
    titles.forEach((title, place) => title.setAttribute("aria-sort", place !== sorted ? "none" : descending ? "descending" : "ascending"));
    said.textContent = fitting.length ? `${first + 1}–${first + page.length} of ${fitting.length}` : "No rows";
    back.disabled = shown.page === 0;
    on.disabled = shown.page >= pages - 1;
    pager.hidden = rows.length <= size && !shown.words;
  }

  function drawn(cell, place) {
    const kind = numeric[place] ? "right" : null;
    const content = cell.type === "rich_text" ? richText(cell, names) : cell.text;
    return place === header ? el("th", { scope: "row", class: kind }, content) : el("td", { class: kind }, content);
  }

  draw();
  return el("div", { class: "data-table" }, filter, scroll, pager);
}

function compare(one, other, isNumber, names) {
  return isNumber ? one.value - other.value : wordsOf(one, names).localeCompare(wordsOf(other, names), "en", { numeric: true });
}

function wordsOf(cell, names) {
  return cell.type === "rich_text" ? richText(cell, names).textContent : cell.text;
}
