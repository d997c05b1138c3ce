/* Reading by turn: words, sentences, which turn an offset is in, the next turn nobody coded. Offsets are UTF-16 units. */

const WORDS = new Intl.Segmenter(undefined, { granularity: "word" });
const SENTENCES = new Intl.Segmenter(undefined, { granularity: "sentence" });

/** The words of one stretch of text, each with where it begins and ends. */
export function wordsOf(text, from, until) {
  const found = [];
  for (const piece of WORDS.segment(text.slice(from, until))) {
    const start = from + piece.index;
    const end = start + piece.segment.length;
    if (piece.isWordLike) found.push({ start, end });
    else if (found.length && piece.segment.trim() && found.at(-1).end === start) found.at(-1).end = end;
    else if (piece.segment.trim()) found.push({ start, end });
  }
  return found;
}

/** The sentence around an offset. */
export function sentenceAt(text, from, until, offset) {
  const part = text.slice(from, until);
  const place = Math.min(Math.max(offset - from, 0), Math.max(part.length - 1, 0));
  const piece = part ? SENTENCES.segment(part).containing(place) : undefined;
  if (!piece) return { start: from, end: until };
  const start = from + piece.index;
  return { start, end: start + piece.segment.trimEnd().length };
}

/** Which turn holds an offset, by position; between two turns, the later one. */
export function turnAt(turns, offset) {
  let low = 0;
  let high = turns.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (turns[middle].end <= offset) low = middle + 1;
    else high = middle;
  }
  return Math.min(low, Math.max(turns.length - 1, 0));
}

/** The turns a span reaches into: first and last position; empty where it lies between turns. */
export function turnsReached(turns, start, end) {
  const first = turnAt(turns, start);
  const found = [];
  for (let place = first; place < turns.length && turns[place].start < end; place += 1) {
    if (turns[place].end > start) found.push(place);
  }
  return found;
}

/** The next turn after (or before) a place that no extract reaches into, going round once; -1 where all are coded. */
export function nextUncoded(count, isCoded, isShown, from, step = 1) {
  for (let gone = 1; gone <= count; gone += 1) {
    const place = (((from + gone * step) % count) + count) % count;
    if (isShown(place) && !isCoded(place)) return place;
  }
  return -1;
}

/** A selection made by words: it runs from the word it began at to the word it has reached. */
export class WordSelection {
  constructor() {
    this.anchor = null;
    this.head = null;
  }

  get span() {
    if (!this.head) return null;
    return {
      start: Math.min(this.anchor.start, this.head.start),
      end: Math.max(this.anchor.end, this.head.end),
    };
  }

  set(start, end) {
    this.anchor = this.head = { start, end };
  }

  clear() {
    this.anchor = this.head = null;
  }

  moveTo(piece, extend) {
    this.head = piece;
    if (!extend || !this.anchor) this.anchor = piece;
  }
}
