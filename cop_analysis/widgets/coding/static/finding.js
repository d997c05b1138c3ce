/* Finding a code by typing: what matches, best first. Upper case and accents make no difference. */

/** A text as it is compared: no accents, no upper case. */
export function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function rankOf(name, wanted) {
  if (name === wanted) return 0;
  if (name.startsWith(wanted)) return 1;
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  if (words.some((word) => word.startsWith(wanted))) return 2;
  if (words.map((word) => word[0]).join("").startsWith(wanted)) return 3;
  const parts = wanted.split(/\s+/).filter(Boolean);
  if (parts.length > 1 && parts.every((part) => words.some((word) => word.startsWith(part)))) return 3;
  return name.includes(wanted) ? 4 : -1;
}

/** The codes that match, best first; with nothing typed the recent ones lead. `recent` holds identifiers, latest first. */
export function findCodes(codes, typed, recent = [], paths = new Map()) {
  const wanted = folded(typed).trim();
  const age = new Map(recent.map((identifier, place) => [identifier, place]));
  const ageOf = (code) => age.get(code.id) ?? recent.length;
  const found = [];
  for (const code of codes) {
    let rank = wanted ? rankOf(folded(code.name), wanted) : 0;
    if (rank < 0 && folded(`${paths.get(code.id) ?? ""}`).includes(wanted)) rank = 5;
    if (rank >= 0) found.push({ code, rank });
  }
  found.sort((a, b) => a.rank - b.rank || ageOf(a.code) - ageOf(b.code) || a.code.name.localeCompare(b.code.name));
  return found.map((one) => one.code);
}

/** The codes as a tree in the order of their names: rows with their depth; a circle or a lost parent stands at the top. */
export function treeOf(codes) {
  const known = new Map(codes.map((code) => [code.id, code]));
  const below = new Map();
  for (const code of codes) {
    const parent = known.has(code.parent) ? code.parent : null;
    if (!below.has(parent)) below.set(parent, []);
    below.get(parent).push(code);
  }
  for (const list of below.values()) list.sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1));
  const rows = [];
  const seen = new Set();
  const add = (code, depth) => {
    if (seen.has(code.id)) return;
    seen.add(code.id);
    rows.push({ code, depth });
    for (const child of below.get(code.id) ?? []) add(child, depth + 1);
  };
  for (const code of below.get(null) ?? []) add(code, 0);
  for (const code of codes) add(code, 0);
  return rows;
}

/** For each code the names above it, as "People / Trust". */
export function pathsOf(codes) {
  const known = new Map(codes.map((code) => [code.id, code]));
  const found = new Map();
  for (const code of codes) {
    const names = [];
    const seen = new Set([code.id]);
    let above = known.get(code.parent);
    while (above && !seen.has(above.id)) {
      seen.add(above.id);
      names.unshift(above.name);
      above = known.get(above.parent);
    }
    found.set(code.id, names.join(" / "));
  }
  return found;
}

/** A code with all below it, by identifier. */
export function withBelow(codes, identifier) {
  const found = new Set([identifier]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const code of codes) if (found.has(code.parent)) found.add(code.id);
  }
  return found;
}
