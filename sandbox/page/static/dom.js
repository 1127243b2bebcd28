// Elements are built, never parsed: nothing that came from an app is ever read as HTML.

/** el("a", {href}, "text", node): properties that are null or false are left out. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function byId(id) {
  return document.getElementById(id);
}

/** A link that leaves for a new tab, or plain words where the address is of another kind. */
export function link(url, words, properties = {}) {
  const known = /^(https?:\/\/|mailto:)/i.test(url);
  if (!known) return el("span", {}, words);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer", ...properties }, words);
}
