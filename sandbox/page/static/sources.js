// Where a menu's choices come from: the block itself, the app, or the people and channels of the workspace.

import { withEmoji } from "./emoji.js";

const asOption = (option) => ({ value: option.value, words: withEmoji(option.text.text), about: option.description?.text, text: option.text.text });
const grouped = (given) => (given.option_groups || [{ options: given.options || [] }]).map((group) => ({ label: group.label?.text, options: group.options.map(asOption) }));

function matching(groups, words) {
  const wanted = words.toLowerCase();
  const isLike = (option) => `${option.words} ${option.about || ""}`.toLowerCase().includes(wanted);
  return groups.map((group) => ({ ...group, options: group.options.filter(isLike) })).filter((group) => group.options.length);
}

/** For the picker of an element: `{load, chosen}`. */
export function sourceOf(element, context) {
  const kind = element.type.replace("multi_", "");
  const initial = element.initial_options || (element.initial_option ? [element.initial_option] : []);
  if (kind === "external_select") {
    return { load: async (words) => grouped(await context.suggest(element.action_id, words)), chosen: initial.map(asOption) };
  }
  if (kind === "static_select") return { load: (words) => matching(grouped(element), words), chosen: initial.map(asOption) };
  const groups = places(kind, context);
  const every = groups.flatMap((group) => group.options);
  const wanted = element[`initial_${kind.split("_")[0]}`] || element[`initial_${kind.split("_")[0].slice(0, -1)}`] || [];
  const here = element.default_to_current_conversation && !wanted.length ? context.channel?.() : "";
  return { load: (words) => matching(groups, words), chosen: every.filter((option) => [...[wanted].flat(), here].includes(option.value)) };
}

function places(kind, context) {
  const people = { label: "People", options: Object.entries(context.handles).map(([id, handle]) => ({ value: id, words: context.names[id], about: `@${handle}` })) };
  const channels = { label: "Channels", options: context.channels().filter((each) => each.kind !== "app").map((each) => ({ value: each.id, words: `#${each.name}` })) };
  return { users_select: [people], channels_select: [channels] }[kind] || [channels, people];
}

/** What the sandbox is told was chosen: an option with its words where only the app knows it. */
export function toldOf(element, chosen) {
  const each = element.type.includes("external") ? chosen.map(({ value, text }) => ({ value, text })) : chosen.map((option) => option.value);
  return element.type.startsWith("multi_") ? each : (each[0] ?? null);
}
