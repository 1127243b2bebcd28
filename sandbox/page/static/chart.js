// Charts as drawings whose label says every number: bars, lines, areas and pies.

import { el } from "./dom.js";

const NS = "http://www.w3.org/2000/svg";
const WIDEST = 480, HIGH = 220, LEFT = 56, RIGHT = 8, TOP = 10, BOTTOM = 44;

export function chart(block) {
  const { chart: what, title } = block;
  const series = what.type === "pie" ? [{ name: title, data: what.segments }] : what.series;
  const drawing = what.type === "pie" ? pie(what.segments) : axes(what);
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", `${title}: ${series.map((each) => `${series.length > 1 ? `${each.name}, ` : ""}${each.data.map((point) => `${point.label} ${short(point.value)}`).join("; ")}`).join(". ")}`);
  const legend = what.type === "pie" ? what.segments.map((each) => each.label) : series.length > 1 ? series.map((each) => each.name) : [];
  return el(
    "figure",
    { class: "chart" },
    el("figcaption", {}, title),
    drawing,
    legend.length ? el("ul", { class: "legend" }, ...legend.map((name, place) => el("li", {}, el("span", { class: `swatch series-${place % 6}`, "aria-hidden": "true" }), name))) : null,
  );
}

function axes({ type, series, axis_config: axis }) {
  const wide = Math.min(WIDEST, document.documentElement.clientWidth - 90); // so that letters keep their size
  const values = series.flatMap((each) => each.data.map((point) => point.value));
  const steps = ticks(Math.min(0, ...values), Math.max(0, ...values));
  const [low, high] = [steps[0], steps.at(-1)];
  const y = (value) => TOP + ((high - value) / (high - low || 1)) * (HIGH - TOP - BOTTOM);
  const slot = (wide - LEFT - RIGHT) / axis.categories.length;
  const x = (place) => LEFT + slot * place;
  const svg = shape("svg", { viewBox: `0 0 ${wide} ${HIGH}`, class: "drawing" });
  for (const step of steps) {
    svg.append(shape("line", { x1: LEFT, x2: wide - RIGHT, y1: y(step), y2: y(step), class: step === 0 ? "zero" : "grid" }));
    svg.append(words(short(step), LEFT - 6, y(step) + 3.5, "end"));
  }
  const every = Math.ceil(axis.categories.length / 8);
  axis.categories.forEach((category, place) => {
    if (place % every === 0) svg.append(...wrapped(category, x(place) + slot / 2, HIGH - BOTTOM + 13, slot * every));
  });
  if (axis.x_label) svg.append(words(axis.x_label, LEFT + (wide - LEFT - RIGHT) / 2, HIGH - 3, "middle"));
  if (axis.y_label) svg.append(turned(axis.y_label, 9, TOP + (HIGH - TOP - BOTTOM) / 2));
  series.forEach((each, number) => {
    const at = new Map(each.data.map((point) => [point.label, point.value]));
    const points = axis.categories.map((category, place) => [x(place) + slot / 2, y(at.get(category))]);
    if (type !== "bar") {
      const path = points.map(([px, py]) => `${px} ${py}`).join(" L ");
      if (type === "area") svg.append(shape("path", { d: `M ${points[0][0]} ${y(0)} L ${path} L ${points.at(-1)[0]} ${y(0)} Z`, class: `area series-${number % 6}` }));
      svg.append(shape("path", { d: `M ${path}`, class: `line series-${number % 6}` }));
      return;
    }
    const room = Math.min(slot * 0.7, 64 * series.length), broad = room / series.length;
    points.forEach(([px, py], place) => {
      const left = px - room / 2 + broad * number, value = at.get(axis.categories[place]);
      const bar = shape("rect", { x: left + 1, y: Math.min(py, y(0)), width: Math.max(1, broad - 2), height: Math.max(value ? 1 : 0, Math.abs(py - y(0))), rx: 2, class: `bar series-${number % 6}` });
      bar.append(shape("title", {}, `${axis.categories[place]}: ${short(value)}`));
      svg.append(bar);
    });
  });
  return svg;
}

function pie(segments) {
  const svg = shape("svg", { viewBox: "0 0 200 200", class: "drawing round" });
  const total = segments.reduce((sum, each) => sum + each.value, 0);
  let turn = 0;
  segments.forEach((each, place) => {
    const share = each.value / total, [from, to] = [turn, (turn += share)];
    const at = (part) => `${100 + 90 * Math.sin(2 * Math.PI * part)} ${100 - 90 * Math.cos(2 * Math.PI * part)}`;
    const kind = `segment series-${place % 6}`;
    svg.append(share === 1 ? shape("circle", { cx: 100, cy: 100, r: 90, class: kind }) : shape("path", { d: `M 100 100 L ${at(from)} A 90 90 0 ${share > 0.5 ? 1 : 0} 1 ${at(to)} Z`, class: kind }));
  });
  return svg;
}

/** Round numbers from below the least to above the most, zero among them. */
function ticks(least, most) {
  const span = most - least || 1, rough = span / 4, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 2.5, 5, 10].find((each) => each * power >= rough);
  const made = [];
  for (let value = Math.floor(least / step); value <= Math.ceil(most / step); value += 1) made.push(value * step);
  return made.length > 1 ? made : [0, 1];
}

function short(value) {
  return new Intl.NumberFormat("en-GB", Math.abs(value) >= 10000 ? { notation: "compact", maximumFractionDigits: 1 } : { maximumFractionDigits: 2 }).format(value);
}

function wrapped(label, x, y, room) {
  const most = Math.max(5, Math.floor(room / 5.8)), lines = [""];
  for (const word of label.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (longer.length > most && lines.at(-1)) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.slice(0, 2).map((line, place) => words(line.length > most ? `${line.slice(0, most - 1)}…` : line, x, y + 11 * place, "middle"));
}

function turned(label, x, y) {
  const node = words(label, x, y, "middle");
  node.setAttribute("transform", `rotate(-90 ${x} ${y})`);
  return node;
}

function words(text, x, y, anchor) {
  return shape("text", { x, y, "text-anchor": anchor }, text);
}

function shape(tag, properties, text) {
  const node = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(properties)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  return node;
}
