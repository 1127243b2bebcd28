// What a composer offers while one types: commands and their first words, people, groups and channels.

const NAMED = /(?:^|\s)([@#])([\w.-]*)$/;

/** `{label, options: [{insert, from, words, hint, about}], preselect}` for the text before the caret. */
export function offersFor({ commands, people, channels }, before) {
  const named = NAMED.exec(before);
  if (named) return { label: "People and channels", preselect: true, options: mentions(named, before, people(), channels()) };
  if (before.startsWith("/")) return { label: "Commands", preselect: false, options: slashed(before, commands) };
  return { label: "", preselect: false, options: [] };
}

function slashed(before, commands) {
  const typed = before.toLowerCase();
  const every = commands.flatMap((each) => [
    { words: each.command, hint: each.hint, about: each.about, insert: `${each.command} `, from: 0 },
    ...(typed.startsWith(each.command) ? each.words.map((word) => follow(each.command, word)) : []),
  ]);
  return every.filter((each) => each.words.startsWith(typed) && each.words !== typed.trimEnd());
}

function follow(command, { word, hint }) {
  const words = `${command} ${word}`;
  return { words, hint, about: "", insert: `${words}${hint ? " " : ""}`, from: 0 };
}

function mentions([, mark, typed], before, people, channels) {
  const wanted = typed.toLowerCase();
  const known = mark === "@" ? people : channels;
  const isLike = (each) => [each.name, ...(each.about || "").split(/\s+/)].some((word) => word.toLowerCase().startsWith(wanted));
  const found = known.filter(isLike).slice(0, 8);
  if (found.length === 1 && found[0].name === typed) return [];
  const from = before.length - typed.length - 1;
  return found.map((each) => ({ words: `${mark}${each.name}`, hint: "", about: each.about || "", insert: `${mark}${each.name} `, from }));
}
