// The `markdown` block: headings, lists, quotes, code, emphasis and links of ordinary Markdown.

import { el, link } from "./dom.js";
import { withEmoji } from "./emoji.js";

const INLINE = /`(?<code>[^`]+)`|\*\*(?<bold>.+?)\*\*|__(?<bold2>.+?)__|\*(?<italic>[^*\s][^*]*)\*|\b_(?<italic2>[^_]+)_\b|~~(?<strike>.+?)~~|\[(?<words>[^\]]+)\]\((?<url>[^)\s]+)\)/g;

export function markdown(source) {
  const nodes = [];
  const lines = source.split("\n");
  while (lines.length) nodes.push(next(lines));
  return el("div", { class: "markdown" }, ...nodes.filter(Boolean));
}

/** Takes one piece off the lines. */
function next(lines) {
  const line = lines.shift();
  if (!line.trim()) return null;
  const heading = /^(#{1,6}) +(.*)$/.exec(line);
  if (heading) return el("h3", { class: "header" }, ...inline(heading[2]));
  if (/^(-{3,}|\*{3,})\s*$/.test(line)) return el("hr");
  if (line.startsWith("```")) return el("pre", {}, taken(lines, (each) => !each.startsWith("```"), true).join("\n"));
  if (/^> ?/.test(line)) return el("blockquote", {}, ...paragraph([line, ...taken(lines, (each) => each.startsWith(">"))].map((each) => each.replace(/^> ?/, ""))));
  for (const [tag, mark] of [["ul", /^\s*[-*+] +/], ["ol", /^\s*\d+[.)] +/]]) {
    if (mark.test(line)) return list(tag, mark, [line, ...taken(lines, (each) => mark.test(each))]);
  }
  return el("p", {}, ...paragraph([line, ...taken(lines, (each) => each.trim() && !/^(#{1,6} |>|```|\s*[-*+] |\s*\d+[.)] )/.test(each))]));
}

function taken(lines, isMore, takesEnd = false) {
  const found = [];
  while (lines.length && isMore(lines[0])) found.push(lines.shift());
  if (takesEnd) lines.shift();
  return found;
}

function list(tag, mark, lines) {
  return el(tag, {}, ...lines.map((line) => el("li", {}, ...inline(line.replace(mark, "")))));
}

function paragraph(lines) {
  return lines.flatMap((line, place) => (place ? [el("br"), ...inline(line)] : inline(line)));
}

function inline(source) {
  const nodes = [];
  let last = 0;
  for (const match of source.matchAll(INLINE)) {
    nodes.push(withEmoji(source.slice(last, match.index)), styled(match.groups));
    last = match.index + match[0].length;
  }
  return [...nodes, withEmoji(source.slice(last))];
}

function styled(found) {
  if (found.code !== undefined) return el("code", {}, found.code);
  if (found.url !== undefined) return link(found.url, found.words);
  if (found.strike !== undefined) return el("s", {}, ...inline(found.strike));
  const bold = found.bold ?? found.bold2;
  return bold === undefined ? el("em", {}, ...inline(found.italic ?? found.italic2)) : el("strong", {}, ...inline(bold));
}
