/* The text by turn, with its extracts drawn and selected in it. Knows nothing of the kernel and stores nothing. */

import { Ahead } from "./ahead.js";
import { h, keepInView, uniqueName } from "./dom.js";
import { Offsets, clipped } from "./offsets.js";
import { LINES, lines, pieces } from "./overlaps.js";
import { turnsReached } from "./reading.js";
import { Selecting } from "./selecting.js";

const CHARACTERS_A_LINE = 72;
const LINE_HEIGHT = 25;
const TURNS_A_BLOCK = 8;
const BLOCKS_A_PART = 16;
const NEAR = "1200px";
const DRAWING_A_FRAME = 3;

const PATTERNS = [
  (colour) => `linear-gradient(90deg, ${colour}, ${colour})`,
  (colour) => `repeating-linear-gradient(90deg, ${colour} 0 7px, transparent 7px 11px)`,
  (colour) => `repeating-linear-gradient(90deg, ${colour} 0 2px, transparent 2px 5px)`,
  (colour) => `repeating-linear-gradient(90deg, ${colour} 0 12px, transparent 12px 14px, ${colour} 14px 16px, transparent 16px 18px)`,
  (colour) => `repeating-linear-gradient(90deg, ${colour} 0 4px, transparent 4px 6px)`,
];

function pattern(line, colour) {
  return PATTERNS[line](colour);
}

/** Shows one document. `look` says how extracts are to be shown: names, initials, which are hidden, what state they are in. */
export class Reader extends Selecting {
  constructor({ look, chosen, selected }) {
    super();
    this.look = look;
    this.chosen = chosen;
    this.selected = selected;
    this.element = h("div", {
      class: "cop-reader",
      role: "feed",
      "aria-label": "The text by turn",
      "aria-busy": "false",
    });
    this.turns = [];
    this.text = "";
    this.extracts = new Map();
    this.byTurn = new Map();
    this.current = 0;
    this.extract = null;
    this.name = uniqueName("turn");
    this.watch = new IntersectionObserver((seen) => this.dressSeen(seen), { root: this.element, rootMargin: NEAR });
    this.toDress = new Set();
    this.ahead = new Ahead({ draw: (block) => this.dressBlock(block) });
    this.sizes = new ResizeObserver(() => this.takeWidth());
    this.sizes.observe(this.element);
    this.element.addEventListener("scroll", () => this.ahead.rest(), { passive: true });
    this.element.addEventListener("mouseup", () => setTimeout(() => this.takeMouse(), 0));
    this.element.addEventListener("pointerdown", (event) => {
      const label = event.button === 0 ? event.target.closest(".cop-label") : null;
      this.pressed = label?.dataset.extract ?? null;
      if (!label) return;
      this.rove(Number(label.closest(".cop-turn").dataset.turn));
      this.chooseExtract(this.pressed);
    });
    for (const kind of ["pointerover", "pointerout"]) this.element.addEventListener(kind, (event) => this.link(event));
    this.element.addEventListener("focusin", (event) => this.takeFocus(event));
    this.element.addEventListener("click", (event) => this.takeClick(event));
  }

  /** Show a document: its text, its turns as the store counts them, its extracts. */
  show({ document: identifier, text, turns }, extracts) {
    this.document = identifier;
    this.text = text;
    this.offsets = new Offsets(text);
    this.turns = turns.map(([start, end, speech, speaker], place) => ({
      place,
      start: this.offsets.toUnits(start),
      end: this.offsets.toUnits(end),
      speech: this.offsets.toUnits(speech),
      speaker,
      element: null,
      dressed: false,
      words: null,
    }));
    this.current = 0;
    this.extract = null;
    this.selection.clear();
    this.watch.disconnect();
    this.toDress.clear();
    this.ahead.stop();
    this.blocks = this.makeBlocks();
    this.element.replaceChildren(...this.parts.map((part) => part.element));
    this.element.scrollTop = 0;
    this.setExtracts(extracts);
    this.filter();
    for (const block of this.blocks) this.watch.observe(block.element);
    this.rove(0);
    this.ahead.start(this.parts);
    if (!this.turns.length) this.element.append(h("p", { class: "cop-empty" }, "This document holds no words."));
  }

  /** Say that no text can be shown, and why. */
  showNothing(sentence) {
    this.watch.disconnect();
    this.toDress.clear();
    this.ahead.stop();
    this.turns = [];
    this.blocks = this.parts = [];
    this.extracts = new Map();
    this.document = null;
    this.element.replaceChildren(h("p", { class: "cop-empty" }, sentence));
  }

  /** Turns in blocks, blocks in parts: a block is laid out when it comes near, and only those of a near part are looked after. */
  makeBlocks() {
    const blocks = [];
    for (let first = 0; first < this.turns.length; first += TURNS_A_BLOCK) {
      const turns = this.turns.slice(first, first + TURNS_A_BLOCK);
      const element = h("div", { class: "cop-block", role: "presentation", "data-block": blocks.length });
      let height = 0;
      for (const turn of turns) {
        turn.element = this.shell(turn);
        height += Math.max(1, Math.ceil((turn.end - turn.speech) / CHARACTERS_A_LINE)) * LINE_HEIGHT + 14;
        element.append(turn.element);
      }
      element.style.setProperty("contain-intrinsic-block-size", `auto ${height}px`);
      blocks.push({ element, turns, height });
    }
    this.parts = [];
    for (let first = 0; first < blocks.length; first += BLOCKS_A_PART) {
      const inside = blocks.slice(first, first + BLOCKS_A_PART);
      const element = h("div", { class: "cop-block", role: "presentation" }, inside.map((block) => block.element));
      element.style.setProperty("contain-intrinsic-block-size", `auto ${inside.reduce((sum, block) => sum + block.height, 0)}px`);
      this.parts.push({ element, blocks: inside });
    }
    return blocks;
  }

  shell(turn) {
    const head = `${this.name}-${turn.place}`;
    turn.words = null;
    turn.body = h("div", { class: "cop-words", dir: "auto" }, this.text.slice(turn.speech, turn.end));
    turn.margin = h("div", { class: "cop-margin" });
    const article = h(
      "div",
      {
        class: "cop-turn",
        role: "article",
        tabindex: "-1",
        "aria-posinset": turn.place + 1,
        "aria-setsize": this.turns.length,
        "aria-labelledby": head,
        "data-turn": turn.place,
      },
      h("div", { class: "cop-head", id: head, dir: "auto" },
        h("span", { class: "cop-number" }, turn.place + 1),
        h("span", { class: "cop-speaker" }, turn.speaker || "no speaker"),
      ),
      turn.body,
      turn.margin,
    );
    return article;
  }

  // --- extracts -----------------------------------------------------------------------------------------------------

  setExtracts(extracts) {
    this.extracts = new Map();
    this.byTurn = new Map();
    for (const one of extracts) this.add(one);
    if (!this.extracts.has(this.extract)) this.extract = null;
    this.drawnOn = lines([...this.extracts.values()]);
    for (const turn of this.turns) turn.dressed = false;
    this.dressNear();
    this.ahead.again();
  }

  /** Take over one extract as it is now, or that it is gone; only the turns it touches are drawn again. */
  change(identifier, extract) {
    const touched = new Set();
    const before = this.extracts.get(identifier);
    if (before) {
      this.extracts.delete(identifier);
      for (const place of before.turns) {
        this.byTurn.get(place)?.delete(identifier);
        touched.add(place);
      }
    }
    if (extract) {
      this.add(extract);
      for (const place of this.extracts.get(identifier)?.turns ?? []) touched.add(place);
    }
    const drawnBefore = this.drawnOn;
    this.drawnOn = lines([...this.extracts.values()]);
    // One more extract can push others to another line.
    for (const [one, line] of this.drawnOn) {
      if (drawnBefore.get(one) !== line) for (const place of this.extracts.get(one).turns) touched.add(place);
    }
    if (this.extract === identifier && !extract) this.extract = null;
    return touched;
  }

  add(one) {
    if (one.document !== this.document || !one.placed) return;
    const start = this.offsets.toUnits(one.start);
    const end = this.offsets.toUnits(one.end);
    if (one.quote !== undefined && this.text.slice(start, end) !== one.quote) return;
    const turns = turnsReached(this.turns, start, end);
    this.extracts.set(one.id, { id: one.id, start, end, record: one, turns });
    for (const place of turns) {
      if (!this.byTurn.has(place)) this.byTurn.set(place, new Set());
      this.byTurn.get(place).add(one.id);
    }
  }

  /** The extracts of a turn that are shown, in the order of the text. */
  extractsOf(place) {
    return [...(this.byTurn.get(place) ?? [])]
      .map((one) => this.extracts.get(one))
      .filter((one) => this.look.isShown(one.record))
      .sort((a, b) => a.start - b.start || b.end - a.end || (a.id < b.id ? -1 : 1));
  }

  isCoded(place) {
    return this.extractsOf(place).length > 0;
  }

  // --- drawing ------------------------------------------------------------------------------------------------------

  dressSeen(seen) {
    for (const one of seen) {
      const block = this.blocks[Number(one.target.dataset.block)];
      if (block?.element !== one.target) continue;
      if (one.isIntersecting) this.ahead.reached(Number(one.target.dataset.block));
      for (const turn of block.turns) {
        turn.near = one.isIntersecting;
        if (turn.near && !turn.dressed) this.toDress.add(turn);
        else if (!turn.near) this.toDress.delete(turn);
      }
    }
    this.dressSome();
  }

  /** Draw what has come near, a little in each frame, so that none takes long however fast the text runs by. */
  dressSome() {
    if (this.dressing) return;
    const began = performance.now();
    for (const turn of this.toDress) {
      if (performance.now() - began > DRAWING_A_FRAME) break;
      this.toDress.delete(turn);
      if (!turn.dressed) this.dress(turn);
    }
    if (!this.toDress.size) return;
    this.dressing = true;
    requestAnimationFrame(() => {
      this.dressing = false;
      this.dressSome();
    });
  }

  dressNear() {
    for (const turn of this.turns) if (turn.near) this.dress(turn);
  }

  dressBlock(block) {
    for (const turn of block.turns) {
      this.toDress.delete(turn);
      if (!turn.dressed) this.dress(turn);
    }
  }

  /** Another width breaks the lines elsewhere: every height is another. */
  takeWidth() {
    const width = this.element.clientWidth;
    if (!width || width === this.width) return;
    this.width = width;
    this.ahead.again();
  }

  /** Draw turns again: at once where they can be seen, the others when they come near. */
  refresh(places) {
    for (const place of places) {
      const turn = this.turns[place];
      if (!turn) continue;
      turn.dressed = false;
      if (turn.near || place === this.current) this.dress(turn);
      else this.ahead.again([this.blocks[Math.floor(place / TURNS_A_BLOCK)]]);
    }
  }

  refreshAll() {
    for (const turn of this.turns) turn.dressed = false;
    this.dressNear();
    if (this.turns[this.current]) this.dress(this.turns[this.current]);
    this.ahead.again();
  }

  dress(turn) {
    turn.dressed = true;
    const here = this.extractsOf(turn.place);
    const body = turn.body;
    if (!here.length) {
      if (turn.marked) body.textContent = this.text.slice(turn.speech, turn.end);
      if (turn.marked) turn.margin.replaceChildren();
      turn.marked = false;
      turn.element.classList.remove("is-coded");
      this.paintIfSelected(turn);
      return;
    }
    turn.marked = true;
    turn.element.classList.add("is-coded");
    let rows = 1;
    const parts = pieces(here, turn.speech, turn.end).map((piece) => {
      const words = this.text.slice(piece.start, piece.end);
      if (!piece.extracts.length) return document.createTextNode(words);
      const span = document.createElement("span");
      span.textContent = words;
      span.className = piece.extracts.some((one) => one.id === this.extract) ? "cop-mark is-chosen" : "cop-mark";
      // Where a passage begins stands a bracket; where it ends, the short name of its code, once for all who gave it.
      if (piece.extracts.some((one) => one.start === piece.start)) span.classList.add("is-opening");
      const closing = piece.extracts.filter((one) => one.end === piece.end);
      if (closing.length) span.dataset.close = [...new Set(closing.map((one) => this.look.initials(one.record)))].join(" ");
      span.dataset.extracts = piece.extracts.map((one) => one.id).join(" ");
      rows = Math.max(rows, this.underline(span, piece.extracts));
      return span;
    });
    body.style.setProperty("--rows", String(rows));
    body.replaceChildren(...parts);
    const cards = new Map();
    for (const one of here) {
      if (!cards.has(one.record.code)) cards.set(one.record.code, []);
      cards.get(one.record.code).push(one);
    }
    turn.margin.replaceChildren(...[...cards.values()].map((list) => this.card(list, turn)));
    this.paintIfSelected(turn);
  }

  paintIfSelected(turn) {
    const span = this.selection.span;
    if (span && span.start < turn.end && span.end > turn.start) this.paintSelection();
  }

  lineOf(one) {
    return (this.drawnOn.get(one.id) ?? 0) % LINES;
  }

  /** One line under the words for each extract: which line says which, and its pattern; colour only adds to that. */
  underline(span, extracts) {
    const images = [];
    const places = [];
    let depth = 1;
    for (const one of extracts) {
      const line = this.lineOf(one);
      depth = Math.max(depth, line + 1);
      images.push(pattern(line, this.look.colour(one.record)));
      places.push(`0 calc(1.22em + ${line * 4}px)`);
    }
    span.style.cssText = `--depth: ${depth}; background-image: ${images.join(", ")}; background-position: ${places.join(", ")}; background-size: 100% 2px; background-repeat: no-repeat`;
    return depth;
  }

  /** What stands beside the text of one code: its name once, and whoever gave it where. */
  card(list, turn) {
    const [first] = list;
    return h(
      "div",
      { class: "cop-card-of", role: list.length > 1 ? "group" : null, "aria-label": list.length > 1 ? this.look.name(first.record) : null },
      list.map((one, place) => this.label(one, turn, list, place)),
    );
  }

  label(one, turn, list, place) {
    const begins = turn.place === one.turns[0];
    const state = this.look.state(one.record);
    const memo = this.look.hasMemo(one.record);
    const coder = this.look.coder(one.record);
    const name = this.look.name(one.record);
    const again = list.slice(0, place).some((other) => other.record.coder === one.record.coder);
    const alone = this.look.isAlone(one.record) ? "only " : "";
    const said = [coder && `${alone}${coder}`, again && "again", !begins && "continued", memo && "memo"].filter(Boolean).join(", ");
    const quote = one.record.quote ?? "";
    return h(
      "button",
      {
        type: "button",
        tabindex: "-1",
        class: `cop-label cop-line-${this.lineOf(one)} ${place ? "is-more" : ""} ${one.id === this.extract ? "is-chosen" : ""}`,
        "data-extract": one.id,
        "aria-pressed": one.id === this.extract ? "true" : "false",
        "aria-label": place ? [name, said, `“${clipped(quote, 60)}”`].filter(Boolean).join(", ") : null,
        style: `--code: ${this.look.colour(one.record)}`,
      },
      place ? "" : [h("b", {}, this.look.initials(one.record)), ` ${name}`],
      h("small", {}, place ? said || "again" : ` ${said}`),
      state && h("small", { class: `cop-state is-${state}` }, state === "late" ? " not stored yet" : " storing"),
    );
  }

  /** Under the pointer, a label shows which words it is about. */
  link(event) {
    const label = event.target.closest?.(".cop-label");
    if (!label) return;
    for (const span of label.closest(".cop-turn").querySelectorAll(".cop-mark")) {
      span.classList.toggle("is-linked", event.type === "pointerover" && span.dataset.extracts.split(" ").includes(label.dataset.extract));
    }
  }

  // --- where the reader is ------------------------------------------------------------------------------------------

  rove(place, focus = false) {
    if (!this.turns.length) return;
    const before = this.turns[this.current]?.element;
    before?.setAttribute("tabindex", "-1");
    before?.classList.remove("is-current");
    this.current = Math.max(0, Math.min(place, this.turns.length - 1));
    const turn = this.turns[this.current];
    if (!turn.dressed) this.dress(turn);
    turn.element.setAttribute("tabindex", "0");
    turn.element.classList.add("is-current");
    if (focus) {
      turn.element.focus({ preventScroll: true });
      keepInView(this.element, turn.element);
    }
  }

  go(place, focus = true) {
    if (!this.turns.length) return;
    const turn = this.turns[Math.max(0, Math.min(place, this.turns.length - 1))];
    this.selection.clear();
    this.chooseExtract(null);
    this.rove(turn.place, focus);
    this.paintSelection();
    this.selected(this.span());
  }

  /** The next turn that is shown, in a direction. */
  nextShown(from, step) {
    for (let place = from + step; place >= 0 && place < this.turns.length; place += step) {
      if (!this.turns[place].element.hidden) return place;
    }
    return from;
  }

  filter() {
    let shown = 0;
    for (const turn of this.turns) {
      const keep = this.look.turnIsShown(turn, this.extractsOf(turn.place));
      if (turn.element.hidden === keep) turn.element.hidden = !keep;
      if (keep) shown += 1;
    }
    this.shown = shown;
    for (const block of this.blocks ?? []) block.element.hidden = block.turns.every((turn) => turn.element.hidden);
    for (const part of this.parts ?? []) part.element.hidden = part.blocks.every((block) => block.element.hidden);
    const current = this.turns[this.current];
    if (current?.element.hidden) {
      const next = this.turns.find((turn) => !turn.element.hidden);
      if (next) this.rove(next.place);
    }
    this.ahead.ask();
    return shown;
  }

  // --- the chosen extract -------------------------------------------------------------------------------------------

  chooseExtract(identifier, show = false) {
    const places = new Set();
    for (const one of [this.extract, identifier]) {
      for (const place of (one && this.extracts.get(one)?.turns) || []) places.add(place);
    }
    if (identifier === this.extract && !show) return;
    this.extract = identifier;
    this.refresh(places);
    const found = identifier && this.extracts.get(identifier);
    if (found && show) {
      this.rove(found.turns[0] ?? this.current, true);
      // Of a long turn, the passage itself is to be seen.
      const range = this.rangeOf(found.start, found.end);
      if (range) keepInView(this.element, range);
    }
    this.chosen(identifier);
  }

  /** The next extract in the text that is shown, after the chosen one or the current turn. */
  stepExtract(step) {
    const shown = [...this.extracts.values()]
      .filter((one) => this.look.isShown(one.record) && one.turns.length && !this.turns[one.turns[0]].element.hidden)
      .sort((a, b) => a.start - b.start || b.end - a.end || (a.id < b.id ? -1 : 1));
    if (!shown.length) return null;
    const at = shown.findIndex((one) => one.id === this.extract);
    let next;
    if (at >= 0) next = shown[(at + step + shown.length) % shown.length];
    else {
      const here = this.turns[this.current]?.start ?? 0;
      next = step > 0 ? (shown.find((one) => one.end > here) ?? shown[0]) : (shown.findLast((one) => one.start < here) ?? shown.at(-1));
    }
    this.chooseExtract(next.id, true);
    return next;
  }

  /** Where on the page the selected words are, else those of the chosen extract, else the turn. */
  rectOfSelection() {
    const span = this.selection.span ?? this.extracts.get(this.extract);
    const range = span ? this.rangeOf(span.start, span.end) : null;
    return (range ?? this.turns[this.current]?.element)?.getBoundingClientRect() ?? this.element.getBoundingClientRect();
  }

  /** Show the turns as rows of a grid (short survey answers), or as text to be read. */
  asGrid(on) {
    const { element } = this;
    element.classList.toggle("is-grid", on);
    element.setAttribute("role", on ? "grid" : "feed");
    element.setAttribute("aria-label", on ? "The answers, one a row" : "The text by turn");
    if (on) element.setAttribute("aria-rowcount", this.turns.length);
    else element.removeAttribute("aria-rowcount");
    for (const turn of this.turns) {
      const row = turn.element;
      row.setAttribute("role", on ? "row" : "article");
      for (const [name, value] of on ? [["aria-rowindex", turn.place + 1]] : [["aria-posinset", turn.place + 1], ["aria-setsize", this.turns.length]]) row.setAttribute(name, value);
      for (const name of on ? ["aria-posinset", "aria-setsize"] : ["aria-rowindex"]) row.removeAttribute(name);
      for (const [cell, role] of [[row.firstElementChild, "rowheader"], [turn.body, "gridcell"], [turn.margin, "gridcell"]]) {
        if (on) cell.setAttribute("role", role);
        else cell.removeAttribute("role");
      }
    }
  }

  close() {
    this.watch.disconnect();
    this.sizes.disconnect();
    this.ahead.stop();
    this.toDress.clear();
    globalThis.CSS?.highlights?.delete("cop-selected");
  }
}
