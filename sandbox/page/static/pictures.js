// Pictures at an address, or among Slack's own files.

import { el } from "./dom.js";

export function picture(element, kind, { fileUrl }) {
  const held = element.slack_file;
  const src = element.image_url || (held?.id ? fileUrl(held.id) : held?.url);
  return el("img", { src, alt: element.alt_text, class: kind, loading: "lazy" });
}

export function figure(block, context) {
  const title = block.title ? el("figcaption", {}, block.title.text) : null;
  return el("figure", {}, title, picture(block, "picture", context));
}

/** What hangs on a message: a picture to look at, or a card to keep the file by. */
export function attached(file, { fileUrl }) {
  const url = fileUrl(file.id);
  const size = file.size < 1024 ? `${file.size} bytes` : `${Math.ceil(file.size / 1024)} kB`;
  const name = el("strong", {}, file.title);
  if (/\.(png|jpe?g|gif)$/i.test(file.name)) {
    return el("figure", { class: "file" }, el("figcaption", {}, name), el("img", { src: url, alt: file.title, class: "picture", loading: "lazy" }));
  }
  return el("a", { class: "file card-file", href: url, download: file.name }, el("span", { class: "kind", "aria-hidden": "true" }, file.name.split(".").pop().slice(0, 4).toUpperCase()), el("span", {}, name, el("span", { class: "soft" }, ` ${file.name} · ${size} · Download`)));
}
