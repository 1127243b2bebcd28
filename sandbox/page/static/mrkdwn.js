// Slack's mrkdwn and plain text, as nodes.

import { el, link } from "./dom.js";
import { formatDate } from "./dates.js";
import { emoji, withEmoji } from "./emoji.js";


const TOKENS = new RegExp(
  [
    "\\n?```(?<block>[\\s\\S]+?)```\\n?",
    "`(?<code>[^`\\n]+)`",
    "<(?<angle>[^<>\\n]+)>",
    "(?<![\\w*])\\*(?=\\S)(?<bold>[^*\\n]*?\\S)\\*(?![\\w*])",
    "(?<![\\w_])_(?=\\S)(?<italic>[^_\\n]*?\\S)_(?![\\w_])",
    "(?<![\\w~])~(?=\\S)(?<strike>[^~\\n]*?\\S)~(?![\\w~])",
    ":(?<emoji>[a-z0-9_+-]+):",
  ].join("|"),
  "g",
);
const TAGS = { bold: "strong", italic: "em", strike: "s" };

export function unescaped(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** A text object of Block Kit. */
export function text(object, names) {
  return object.type === "mrkdwn" ? mrkdwn(object.text, names) : [object.emoji === false ? object.text : withEmoji(object.text)];
}

/** Lines; those that start with &gt; are quotes. */
export function mrkdwn(source, names) {
  const parts = [];
  for (const piece of source.split(/((?:^|\n)&gt; ?[^\n]*(?:\n&gt; ?[^\n]*)*)/)) {
    const isQuote = /^\n?&gt;/.test(piece);
    // The line break after a quote is the quote's own.
    const inner = isQuote ? piece.trim().replace(/^&gt; ?/gm, "") : parts.length ? piece.replace(/^\n/, "") : piece;
    if (inner) parts.push(...(isQuote ? [el("blockquote", {}, ...inline(inner, names))] : inline(inner, names)));
  }
  return parts;
}

function inline(source, names) {
  const nodes = [];
  let last = 0;
  for (const match of source.matchAll(TOKENS)) {
    nodes.push(unescaped(source.slice(last, match.index)), token(match.groups, names));
    last = match.index + match[0].length;
  }
  nodes.push(unescaped(source.slice(last)));
  return nodes;
}

function token(found, names) {
  if (found.block !== undefined) return el("pre", {}, unescaped(found.block.replace(/^\n/, "")));
  if (found.code !== undefined) return el("code", {}, unescaped(found.code));
  if (found.emoji !== undefined) return emoji(found.emoji);
  if (found.angle !== undefined) return angle(found.angle, names);
  const kind = Object.keys(TAGS).find((name) => found[name] !== undefined);
  return el(TAGS[kind], {}, ...inline(found[kind], names));
}

/** What stands between < and >: a link, a person, a channel, a date. */
function angle(inside, names) {
  const [target, ...rest] = inside.split("|");
  const label = unescaped(rest.join("|"));
  if (target.startsWith("!date^")) return date(target, label);
  if (target.startsWith("@")) return el("span", { class: "mention" }, `@${names[target.slice(1)] || label || target.slice(1)}`);
  if (target.startsWith("#")) return el("span", { class: "mention" }, `#${names[target.slice(1)] || label || target.slice(1)}`);
  if (target.startsWith("!")) return el("span", { class: "mention" }, `@${label.replace(/^@/, "") || names[target.replace("!subteam^", "")] || target.slice(1)}`);
  const address = unescaped(target);
  return link(address, label || address);
}

function date(target, fallback) {
  const [, seconds, format, address] = target.split("^");
  const words = formatDate(Number(seconds), format) || fallback;
  return address ? link(unescaped(address), words) : el("time", { datetime: isoOf(seconds), title: fallback }, words);
}

function isoOf(seconds) {
  const when = new Date(Number(seconds) * 1000);
  return Number.isNaN(when.getTime()) ? null : when.toISOString();
}
