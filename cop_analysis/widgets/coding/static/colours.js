/* The colours of codes: a code's own, else that of the code above it; codes at the top without one get different ones. */

/** What a code has that says no colour and stands under none. */
export const NO_COLOUR = "#5b6b7b";

// Twelve that differ in hue and stand out from paper and ink; patterns and short names say the same without colour.
const COLOURS = ["#1f77b4", "#d1495b", "#2a9d5c", "#8e5bc4", "#d17a00", "#0b8f8f", "#b8437f", "#6b7a1f", "#5461c8", "#a0522d", "#3f8f2f", "#c23b22"];

const said = (code) => (/^#[0-9a-f]{6}$/i.test(code.colour ?? "") ? code.colour.toLowerCase() : "");

/** The colour that fewest codes at the top have, for one more. */
export function freeColour(codes) {
  const used = new Map(COLOURS.map((one) => [one, 0]));
  for (const colour of coloursAtTop(codes).values()) if (used.has(colour)) used.set(colour, used.get(colour) + 1);
  return COLOURS.reduce((best, one) => (used.get(one) < used.get(best) ? one : best));
}

function coloursAtTop(codes) {
  const known = new Set(codes.map((code) => code.id));
  const top = codes.filter((code) => !known.has(code.parent));
  const used = new Map(COLOURS.map((one) => [one, 0]));
  for (const code of top) if (used.has(said(code))) used.set(said(code), used.get(said(code)) + 1);
  const found = new Map(top.filter(said).map((code) => [code.id, said(code)]));
  for (const code of top.filter((one) => !said(one)).sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const free = COLOURS.reduce((best, one) => (used.get(one) < used.get(best) ? one : best));
    used.set(free, used.get(free) + 1);
    found.set(code.id, free);
  }
  return found;
}

/** The colour of every code, by identifier. */
export function coloursOf(codes) {
  const known = new Map(codes.map((code) => [code.id, code]));
  const top = coloursAtTop(codes);
  const found = new Map();
  for (const code of codes) {
    const seen = new Set();
    let at = code;
    while (at && !said(at) && !top.has(at.id) && !seen.has(at.id)) {
      seen.add(at.id);
      at = known.get(at.parent);
    }
    found.set(code.id, at ? said(at) || (top.get(at.id) ?? NO_COLOUR) : NO_COLOUR);
  }
  return found;
}
