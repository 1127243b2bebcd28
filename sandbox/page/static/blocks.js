// Block Kit, as nodes. `context` is {names, handles, channels, fileUrl, act(actionId, selected), suggest(actionId, words)}.

import { chart } from "./chart.js";
import { dataTable } from "./data_table.js";
import { el } from "./dom.js";
import { interactive } from "./elements.js";
import { field } from "./fields.js";
import { markdown } from "./markdown.js";
import { text } from "./mrkdwn.js";
import { figure, picture } from "./pictures.js";
import { richText } from "./rich_text.js";

const RENDER = {
  header: (block, { names }) => el("h2", { class: "header" }, ...text(block.text, names)),
  divider: () => el("hr"),
  section,
  context: (block, context) => el("div", { class: "context" }, ...block.elements.map((element) => small(element, context))),
  actions: (block, context) => holding(block, block.elements, el("div", { class: "actions" }), context),
  context_actions: (block, context) => holding(block, block.elements, el("div", { class: "actions" }), context),
  image: figure,
  rich_text: (block, { names }) => richText(block, names),
  markdown: (block) => markdown(block.text),
  table: (block, { names }) => table(block, names),
  data_table: (block, { names }) => dataTable(block, names),
  data_visualization: chart,
  input: field,
};

export function blocks(list, context) {
  return list.map((block) => (RENDER[block.type] || unknown)(block, context));
}

/** Everything in `root` as it stands: `{block_id: value}` of inputs, `{block_id: {action_id: value}}` of the rest. */
export function valuesIn(root) {
  const values = {};
  for (const each of root.querySelectorAll(".field")) values[each.dataset.block] = each.read();
  for (const each of root.querySelectorAll(".holds")) {
    const chosen = Object.entries(each.readAll()).filter(([, value]) => value !== null && !(Array.isArray(value) && !value.length));
    if (chosen.length) values[each.dataset.block] = Object.fromEntries(chosen);
  }
  return values;
}

/** Put the elements into `node`, which can then tell what was chosen in them. */
function holding(block, elements, node, context) {
  const made = elements.map((element) => [element.action_id, interactive(element, context)]);
  node.append(...made.map(([, control]) => control));
  node.classList.add("holds");
  node.dataset.block = block.block_id;
  node.readAll = () => Object.fromEntries(made.filter(([, control]) => control.read).map(([id, control]) => [id, control.read()]));
  return node;
}

function section(block, context) {
  const node = el("div", { class: "section" });
  const words = el("div", { class: "words" });
  if (block.text) words.append(el("p", {}, ...text(block.text, context.names)));
  if (block.fields) words.append(el("div", { class: "fields" }, ...block.fields.map((each) => el("p", {}, ...text(each, context.names)))));
  node.append(words);
  const { accessory } = block;
  if (!accessory) return node;
  if (accessory.type !== "image") return holding(block, [accessory], node, context);
  node.append(picture(accessory, "accessory", context));
  return node;
}

function small(element, context) {
  return element.type === "image" ? picture(element, "icon", context) : el("p", {}, ...text(element, context.names));
}

function table(block, names) {
  const settings = block.column_settings || [];
  const cell = (each, tag, place) => el(tag, { class: settings[place]?.align === "right" ? "right" : settings[place]?.align === "center" ? "centre" : null }, each.type === "rich_text" ? richText(each, names) : each.text);
  const [head, ...rows] = block.rows;
  const top = el("thead", {}, el("tr", {}, ...head.map((each, place) => cell(each, "th", place))));
  const body = el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map((each, place) => cell(each, "td", place)))));
  return el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Table" }, el("table", {}, top, body));
}

function unknown(block) {
  return el("p", { class: "unknown" }, `[a ${block.type} block]`);
}
