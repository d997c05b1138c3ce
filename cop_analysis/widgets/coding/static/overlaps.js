/* Overlapping extracts: which pieces of text carry which, and on which line each is drawn. Knows no page. */

export const LINES = 5;

/** Cut a stretch of text where extracts begin and end: pieces in order, each with the extracts that cover it. */
export function pieces(extracts, from, until) {
  const here = extracts.filter((one) => one.start < until && one.end > from);
  const cuts = new Set([from, until]);
  for (const one of here) {
    cuts.add(Math.max(one.start, from));
    cuts.add(Math.min(one.end, until));
  }
  const ordered = [...cuts].sort((a, b) => a - b);
  const found = [];
  for (let place = 0; place + 1 < ordered.length; place += 1) {
    const start = ordered[place];
    const end = ordered[place + 1];
    found.push({ start, end, extracts: here.filter((one) => one.start <= start && one.end >= end) });
  }
  return found;
}

/** Give each extract the first line that is free where it stands, so that it keeps one line from end to end. */
export function lines(extracts) {
  const ordered = [...extracts].sort((a, b) => a.start - b.start || b.end - a.end || (a.id < b.id ? -1 : 1));
  const until = [];
  const given = new Map();
  for (const one of ordered) {
    let line = until.findIndex((end) => end <= one.start);
    if (line < 0) line = until.length;
    until[line] = one.end;
    given.set(one.id, line);
  }
  return given;
}

/** Short names of codes, no two alike: the first letters of the words, with a number where those are taken. */
export function initials(codes) {
  const taken = new Set();
  const given = new Map();
  for (const code of codes) {
    const parts = code.name.split(/[^\p{L}\p{N}\p{M}]+/u).filter(Boolean);
    const letters = parts.slice(0, 3).map((part) => [...part][0].toLocaleUpperCase());
    const base = (parts.length === 1 ? [...parts[0]].slice(0, 2).join("") : letters.join("")) || "?";
    const short = base.length > 1 ? base[0].toLocaleUpperCase() + base.slice(1) : base;
    let name = short;
    for (let number = 2; taken.has(name); number += 1) name = `${short}${number}`;
    taken.add(name);
    given.set(code.id, name);
  }
  return given;
}
