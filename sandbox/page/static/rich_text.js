// Rich text blocks.

import { el, link } from "./dom.js";
import { formatDate } from "./dates.js";
import { emoji } from "./emoji.js";

const STYLES = [["code", "code"], ["strike", "s"], ["italic", "em"], ["bold", "strong"], ["underline", "u"]];

export function richText(block, names) {
  return el("div", { class: "rich" }, ...block.elements.map((part) => partOf(part, names)));
}

function partOf(part, names) {
  const inner = () => part.elements.map((element) => inline(element, names));
  if (part.type === "rich_text_list") {
    const items = part.elements.map((item) => el("li", {}, ...item.elements.map((element) => inline(element, names))));
    return el(part.style === "ordered" ? "ol" : "ul", {}, ...items);
  }
  if (part.type === "rich_text_preformatted") return el("pre", {}, ...inner());
  if (part.type === "rich_text_quote") return el("blockquote", {}, ...inner());
  return el("p", {}, ...inner());
}

function inline(element, names) {
  return STYLES.reduce(
    (node, [style, tag]) => (element.style && element.style[style] ? el(tag, {}, node) : node),
    bare(element, names),
  );
}

function bare(element, names) {
  switch (element.type) {
    case "text": return el("span", {}, element.text);
    case "link": return link(element.url, element.text || element.url);
    case "emoji": return el("span", {}, emoji(element.name));
    case "user": return el("span", { class: "mention" }, `@${names[element.user_id] || element.user_id}`);
    case "channel": return el("span", { class: "mention" }, `#${names[element.channel_id] || element.channel_id}`);
    case "usergroup": return el("span", { class: "mention" }, `@${names[element.usergroup_id] || element.usergroup_id}`);
    case "color": return el("code", {}, element.value);
    case "broadcast": return el("span", { class: "mention" }, `@${element.range}`);
    case "date": return el("time", { title: element.fallback }, formatDate(element.timestamp, element.format) || element.fallback || "");
    default: return el("span", { class: "unknown" }, `[${element.type}]`);
  }
}
