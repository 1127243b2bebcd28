// Block Kit, as nodes. `context` is {names, act}: act(actionId, selected) tells the app of a click.

import { el } from "./dom.js";
import { interactive } from "./elements.js";
import { field } from "./fields.js";
import { text } from "./mrkdwn.js";
import { richText } from "./rich_text.js";

const RENDER = {
  header: (block, { names }) => el("h2", { class: "header" }, ...text(block.text, names)),
  divider: () => el("hr"),
  section,
  context: (block, { names }) => el("div", { class: "context" }, ...block.elements.map((element) => small(element, names))),
  actions: (block, context) => el("div", { class: "actions" }, ...block.elements.map((element) => interactive(element, context))),
  image: (block) => figure(block),
  rich_text: (block, { names }) => richText(block, names),
  markdown: (block) => el("p", { class: "plain" }, block.text),
  table: (block, { names }) => table(block, names),
  input: (block, context) => field(block, context),
};

export function blocks(list, context) {
  return list.map((block) => (RENDER[block.type] || unknown)(block, context));
}

function section(block, context) {
  const node = el("div", { class: "section" });
  const words = el("div", { class: "words" });
  if (block.text) words.append(el("p", {}, ...text(block.text, context.names)));
  if (block.fields) words.append(el("div", { class: "fields" }, ...block.fields.map((each) => el("p", {}, ...text(each, context.names)))));
  node.append(words);
  if (block.accessory) node.append(block.accessory.type === "image" ? picture(block.accessory, "accessory") : interactive(block.accessory, context));
  return node;
}

function small(element, names) {
  return element.type === "image" ? picture(element, "icon") : el("p", {}, ...text(element, names));
}

function picture(element, kind) {
  return el("img", { src: element.image_url, alt: element.alt_text, class: kind, loading: "lazy" });
}

function figure(block) {
  const title = block.title ? el("figcaption", {}, block.title.text) : null;
  return el("figure", {}, title, picture(block, "picture"));
}

function table(block, names) {
  const cell = (each, tag) => el(tag, {}, each.type === "rich_text" ? richText(each, names) : each.text);
  const [head, ...rows] = block.rows;
  const body = rows.map((row) => el("tr", {}, ...row.map((each) => cell(each, "td"))));
  return el("div", { class: "scroll" }, el("table", {}, el("tr", {}, ...head.map((each) => cell(each, "th"))), ...body));
}

function unknown(block) {
  return el("p", { class: "unknown" }, `[a ${block.type} block]`);
}
