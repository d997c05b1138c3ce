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

// A full stop after these shortens a word; one after "No" or "etc" ends a sentence as often as not, unless a number or a
// small letter follows.
const SHORT = "Dr|Drs|Mr|Mrs|Ms|Mx|Messrs|Prof|Rev|Revd|Fr|Hon|St|Sr|Jr|Capt|Lt|Sgt|Col|Gen|vs|cf|e\\.g|i\\.e|approx|Fig|Vol";
const BEFORE = "(?:^|[\\s(\\[\"'“‘])";
const SHORTENED = new RegExp(`${BEFORE}(?:${SHORT})\\.$`, "u");
const INITIAL = new RegExp(`(?:^|${BEFORE}(?:(?:${SHORT})|\\p{Lu})\\.\\s*)\\p{Lu}\\.$`, "u");
const COUNTED = new RegExp(`${BEFORE}(?:No|Nos|p|pp|ch|sect|para)\\.$`, "iu");

/** Whether what looks like two sentences is one: the first ends with a shortened word. */
function goesOn(first, second) {
  const end = first.trimEnd();
  if (/[\r\n]\s*$/.test(first)) return false;
  if (SHORTENED.test(end) || (INITIAL.test(end) && !/^I\.$/.test(end))) return true;
  if (COUNTED.test(end) && /^\d/.test(second)) return true;
  return /[^.]\.$/.test(end) && /^\p{Ll}/u.test(second);
}

/** The sentence around an offset. */
export function sentenceAt(text, from, until, offset) {
  const part = text.slice(from, until);
  const place = Math.min(Math.max(offset - from, 0), Math.max(part.length - 1, 0));
  let found = null;
  for (const piece of SENTENCES.segment(part)) {
    if (found && goesOn(found.segment, piece.segment)) found.segment += piece.segment;
    else if (found && found.index + found.segment.length > place) break;
    else found = { index: piece.index, segment: piece.segment };
  }
  if (!found) return { start: from, end: until };
  const start = from + found.index;
  return { start, end: start + found.segment.trimEnd().length };
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
