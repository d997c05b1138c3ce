/* Selecting in the text: by word, sentence and turn, with keys or the mouse; what is selected is painted over it. */

import { keepInView } from "./dom.js";
import { wholeCharacters } from "./offsets.js";
import { WordSelection, sentenceAt, turnAt, wordsOf } from "./reading.js";

/** The part of the reader that selects. It needs the reader's turns, text and offsets. */
export class Selecting {
  selection = new WordSelection();

  wordsIn(place) {
    const turn = this.turns[place];
    turn.words ??= wordsOf(this.text, turn.speech, turn.end);
    return turn.words;
  }

  /** Move the selection by a word; beyond the ends of a turn it goes on in the next that is shown. */
  moveWord(step, extend) {
    if (!this.turns.length) return;
    const head = this.selection.head;
    let place = head ? turnAt(this.turns, head.start) : this.current;
    const words = this.wordsIn(place);
    let next;
    if (!head) next = step > 0 ? words[0] : words.at(-1);
    else if (step > 0) next = words.find((word) => word.start >= head.end);
    else next = words.findLast((word) => word.end <= head.start);
    if (!next) {
      const further = this.nextShown(place, step);
      if (further === place) return;
      place = further;
      next = step > 0 ? this.wordsIn(place)[0] : this.wordsIn(place).at(-1);
      if (!next) return;
    }
    this.selection.moveTo(next, extend);
    this.afterMove(place);
  }

  extendTurn(step) {
    const head = this.selection.head;
    let place = head ? turnAt(this.turns, head.start) : this.current;
    const edge = () => (step > 0 ? this.wordsIn(place).at(-1) : this.wordsIn(place)[0]);
    let piece = edge();
    if (head && piece && (step > 0 ? head.end >= piece.end : head.start <= piece.start)) {
      place = this.nextShown(place, step);
      piece = edge();
    }
    if (!piece) return;
    if (!head) this.selection.moveTo(step > 0 ? this.wordsIn(place)[0] : this.wordsIn(place).at(-1), false);
    this.selection.moveTo(piece, true);
    this.afterMove(place);
  }

  selectSentence() {
    const span = this.selection.span;
    const place = span ? turnAt(this.turns, span.start) : this.current;
    const turn = this.turns[place];
    if (!turn) return;
    const first = sentenceAt(this.text, turn.speech, turn.end, span ? span.start : turn.speech);
    const last = span ? sentenceAt(this.text, turn.speech, turn.end, Math.max(span.end - 1, turn.speech)) : first;
    if (!span || span.start !== first.start || span.end !== last.end) {
      this.selection.anchor = first;
      this.selection.head = last;
    } else {
      let further = last.end;
      while (further < turn.end && /\s/.test(this.text[further])) further += 1;
      if (further < turn.end) {
        this.selection.anchor = first;
        this.selection.head = sentenceAt(this.text, turn.speech, turn.end, further);
      }
    }
    this.afterMove(place);
  }

  selectTurn(place = this.current) {
    const turn = this.turns[place];
    if (!turn || turn.speech >= turn.end) return;
    this.selection.set(turn.speech, turn.end);
    this.afterMove(place);
  }

  selectSpan(start, end) {
    this.selection.set(start, end);
    this.afterMove(turnAt(this.turns, start), false);
  }

  clear() {
    this.selection.clear();
    this.paintSelection();
    this.selected(null);
  }

  afterMove(place, focus = true) {
    this.rove(place, focus);
    this.paintSelection();
    this.keepHeadInView();
    this.selected(this.span());
  }

  /** The selection in units, made whole; null where nothing is selected. */
  span() {
    const span = this.selection.span;
    return span ? wholeCharacters(this.text, span.start, span.end) : null;
  }

  /** The selection as the store counts; null where nothing is selected. */
  selectedPoints() {
    const span = this.span();
    if (!span) return null;
    return {
      start: this.offsets.toPoint(span.start),
      end: this.offsets.toPoint(span.end, true),
      quote: this.text.slice(span.start, span.end),
    };
  }

  paintSelection() {
    const span = this.selection.span;
    const painter = globalThis.CSS?.highlights;
    if (!painter) {
      this.paintNatively(span);
      return;
    }
    const name = "cop-selected";
    const range = span ? this.rangeOf(span.start, span.end) : null;
    if (range) painter.set(name, new Highlight(range));
    else painter.delete(name);
  }

  /** Browsers that cannot highlight a range show it as their own selection. */
  paintNatively(span) {
    const range = span ? this.rangeOf(span.start, span.end) : null;
    const native = document.getSelection();
    if (!native || (!range && !this.element.contains(native.anchorNode))) return;
    native.removeAllRanges();
    if (range) native.addRange(range);
  }

  rangeOf(start, end) {
    const from = this.pointOf(start, false);
    const until = this.pointOf(end, true);
    if (!from || !until) return null;
    const range = document.createRange();
    range.setStart(from.node, from.offset);
    range.setEnd(until.node, until.offset);
    return range;
  }

  pointOf(offset, isEnd) {
    const place = turnAt(this.turns, isEnd ? Math.max(offset - 1, 0) : offset);
    const turn = this.turns[place];
    if (!turn?.body) return null;
    let left = Math.max(0, Math.min(offset, turn.end) - turn.speech);
    const walk = document.createTreeWalker(turn.body, NodeFilter.SHOW_TEXT);
    let node = walk.nextNode();
    while (node) {
      if (left < node.length || (isEnd && left === node.length)) return { node, offset: left };
      left -= node.length;
      const next = walk.nextNode();
      if (!next) return { node, offset: node.length };
      node = next;
    }
    return null;
  }

  keepHeadInView() {
    const head = this.selection.head;
    const range = head ? this.rangeOf(head.start, head.end) : null;
    if (range) keepInView(this.element, range, 60);
  }

  /** Where in the text a place of the page is, in units; null outside the words of a turn. */
  offsetOf(node, offset) {
    const body = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest(".cop-words");
    const article = body?.closest(".cop-turn");
    if (!article || !this.element.contains(article)) return null;
    const turn = this.turns[Number(article.dataset.turn)];
    const before = document.createRange();
    before.selectNodeContents(body);
    before.setEnd(node, offset);
    return turn.speech + before.toString().length;
  }

  takeMouse() {
    const native = document.getSelection();
    if (!native || native.isCollapsed || !native.rangeCount) return;
    const range = native.getRangeAt(0);
    if (!this.element.contains(range.commonAncestorContainer)) return;
    let start = this.offsetOf(range.startContainer, range.startOffset);
    let end = this.offsetOf(range.endContainer, range.endOffset);
    if (start === null && end === null) return;
    // A drag that ends beside the words ends with the turn it passed through.
    if (start === null) start = this.turns[turnAt(this.turns, Math.max(end - 1, 0))].speech;
    if (end === null) end = this.turns[turnAt(this.turns, start)].end;
    const span = wholeCharacters(this.text, Math.min(start, end), Math.max(start, end));
    if (!span) return;
    if (globalThis.CSS?.highlights) native.removeAllRanges();
    this.selection.set(span.start, span.end);
    this.afterMove(turnAt(this.turns, span.start));
  }

  takeFocus(event) {
    const article = event.target.closest(".cop-turn");
    if (article && event.target === article) {
      const place = Number(article.dataset.turn);
      if (place !== this.current) this.rove(place);
    }
  }

  takeClick(event) {
    if (this.pressed) {
      // It was chosen as it was pressed; labels can move between press and release.
      this.pressed = null;
      this.turns[this.current].element.focus({ preventScroll: true });
      return;
    }
    const label = event.target.closest(".cop-label");
    const article = event.target.closest(".cop-turn");
    if (!article) return;
    const place = Number(article.dataset.turn);
    if (label) {
      this.rove(place);
      this.chooseExtract(label.dataset.extract);
      this.turns[place].element.focus({ preventScroll: true });
      return;
    }
    const native = document.getSelection();
    if (native && !native.isCollapsed) return;
    this.rove(place);
    if (document.activeElement !== article) article.focus({ preventScroll: true });
    const mark = event.target.closest(".cop-mark");
    if (!mark) return;
    const covering = mark.dataset.extracts.split(" ").map((one) => this.extracts.get(one)).filter(Boolean);
    covering.sort((a, b) => a.end - a.start - (b.end - b.start));
    // A second click on the same words goes on to the next extract that covers them.
    const at = covering.findIndex((one) => one.id === this.extract);
    this.chooseExtract(covering[(at + 1) % covering.length]?.id ?? null);
  }
}
