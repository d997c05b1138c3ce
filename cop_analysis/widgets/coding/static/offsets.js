/* Offsets: the store counts Unicode code points, JavaScript UTF-16 units. They are converted here and nowhere else. */

const PAIR = /[\uD800-\uDBFF][\uDC00-\uDFFF]/g;

/** Converts the offsets of one text. Points are code points, units are UTF-16 units. */
export class Offsets {
  constructor(text) {
    this.pairs = [];
    for (const match of text.matchAll(PAIR)) this.pairs.push(match.index);
    this.units = text.length;
    this.points = text.length - this.pairs.length;
  }

  /** Where a code point begins, in units. */
  toUnits(point) {
    let low = 0;
    let high = this.pairs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.pairs[middle] - middle < point) low = middle + 1;
      else high = middle;
    }
    return point + low;
  }

  /** Which code point a unit belongs to; inside a pair that is the pair itself, or with `up` the one after it. */
  toPoint(unit, up = false) {
    let low = 0;
    let high = this.pairs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.pairs[middle] < unit) low = middle + 1;
      else high = middle;
    }
    const inside = low > 0 && this.pairs[low - 1] === unit - 1;
    return unit - low + (inside && up ? 1 : 0);
  }
}

const CHARACTERS = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** A text of no more characters than so many, as people see them; what is left out is said by an ellipsis. */
export function clipped(text, longest) {
  if (text.length <= longest) return text;
  let count = 0;
  let cut = 0;
  for (const { index } of CHARACTERS.segment(text)) {
    if (count === longest - 1) cut = index;
    if (count === longest) return `${text.slice(0, cut).trimEnd()}…`;
    count += 1;
  }
  return text;
}

/** Widen a selection to whole characters as people see them, and take blanks off its ends; null where none is left. */
export function wholeCharacters(text, start, end) {
  const from = Math.max(0, start - 64);
  const until = Math.min(text.length, end + 64);
  const pieces = CHARACTERS.segment(text.slice(from, until));
  const boundary = (unit, up) => {
    const piece = unit > from && unit < until ? pieces.containing(unit - from) : undefined;
    if (!piece || piece.index === unit - from) return unit;
    return from + piece.index + (up ? piece.segment.length : 0);
  };
  let first = boundary(start, false);
  let last = boundary(end, true);
  while (first < last && /\s/.test(text[first])) first += 1;
  while (last > first && /\s/.test(text[last - 1])) last -= 1;
  return first < last ? { start: first, end: last } : null;
}
