/* What the panel changes: shown at once, sent to be stored, taken back where the store refuses it. */

import { button, h, keepUnsaved, redraw, savedField, typedIn, unsaved } from "./dom.js";
import { freeColour } from "./colours.js";
import { pathsOf, withBelow } from "./finding.js";
import { clipped } from "./offsets.js";
import { PASSING, moment, newIdentifier } from "./outbox.js";

/** So many codes are kept at hand. */
export const RECENT = 12;

/** The part of the panel that changes records. */
export class Changing {
  changed(keys) {
    const touched = new Set();
    const renamed = new Set();
    for (const [collection, identifier] of keys) {
      this.later(collection);
      if (collection === "extracts") {
        for (const place of this.reader.change(identifier, this.records.get("extracts", identifier) ?? null)) touched.add(place);
      } else if (collection === "codes") renamed.add(identifier);
      else if (collection === "documents") this.takeAnew(identifier);
    }
    if (renamed.size) {
      this.lookAtCodes();
      if (this.filter.code) this.filterCodes = withBelow(this.records.all("codes"), this.filter.code);
      for (const one of this.reader.extracts.values()) if (renamed.has(one.record.code)) for (const place of one.turns) touched.add(place);
    }
    this.reader.refresh(touched);
    if (touched.size && (this.filterCodes || this.filter.speaker !== null)) this.reader.filter();
  }

  /** Where a document's text was corrected, here or elsewhere, it is read again. */
  takeAnew(identifier) {
    const text = this.texts.get(identifier);
    const record = this.records.get("documents", identifier);
    if (!text || !record?.sha256 || (record.sha256.toLowerCase() === text.sha256 && !text.changed)) return;
    this.texts.delete(identifier);
    if (identifier === this.document) this.ask({ kind: "text", document: identifier });
  }

  carryOver() {
    this.do("replace_document", { document: this.document }, [], "carrying the coding over");
  }

  afterCarrying(message) {
    this.carried = message;
    this.say(message.sentence);
    this.show("passage");
  }

  /** The extracts of this document that stand nowhere in its text. */
  lostHere() {
    return this.records.all("extracts").filter((one) => one.document === this.document && this.mayShow(one) && !this.reader.extracts.has(one.id));
  }

  placeLost(extract) {
    const span = this.reader.selectedPoints();
    if (!span) {
      this.say("Select the words this passage is about first, then press “Place it there”.", true);
      this.focusText();
      return;
    }
    const placed = { ...extract, start: span.start, end: span.end, quote: span.quote, placed: true };
    const sent = this.do("move_extract", { extract: extract.id, start: span.start, end: span.end }, [["extracts", extract.id, placed]], `the place of “${clipped(span.quote, 40)}”`);
    this.reader.chooseExtract(extract.id);
    if (!sent) return;
    const left = this.lostHere().length;
    this.say(`Placed. ${left ? `${left.toLocaleString("en-GB")} more ${left === 1 ? "waits" : "wait"}` : "None waits any more"}.`);
  }

  do(verb, args, shown, words = "", draft = null) {
    if (!this.canWrite) {
      this.alert(this.readOnly);
      return null;
    }
    if (!this.coder) {
      this.alert("Say first who you are, at the top: choose your name, or “somebody new…” and type it.");
      this.where.querySelector("[data-key=coder]")?.focus();
      return null;
    }
    const operation = this.outbox.do(verb, args, shown, words);
    operation.draft = draft;
    return operation;
  }

  /** Give fields of a record other values; `was` is what the person saw, so that a change by others is not lost. */
  change(collection, identifier, values, was, words = "", key = "") {
    const now = this.records.get(collection, identifier);
    if (!now) return;
    const draft = key ? { key, value: Object.values(values)[0] } : null;
    this.do("change", { collection, id: identifier, values, was }, [[collection, identifier, { ...now, ...values }]], words, draft);
  }

  refused(operation, why, sentence) {
    if (operation.draft) keepUnsaved(operation.draft.key, operation.draft.value, operation.words);
    this.alert(`Not stored${operation.words ? ` (${operation.words})` : ""}: ${sentence}`);
    this.later("extracts");
  }

  /** Say what is stored and what is not: what waits, what was refused and kept, what is being typed. */
  afterOutbox() {
    const { waiting, late, stuck } = this.outbox;
    const typed = typedIn(this.root);
    const kept = unsaved.size;
    const kind = late || kept ? "is-late" : waiting.length ? "is-storing" : typed.length ? "is-typing" : "is-stored";
    this.status.className = `cop-status ${kind}`;
    if (this.readOnly) this.status.textContent = "Read only: nothing can be changed.";
    else if (late || kept) {
      const many = late === 1 ? "One change is" : `${late} changes are`;
      const why = stuck ? `${PASSING[stuck]}; tried again every two seconds` : "the kernel does not answer";
      const waits = late ? `${many} not stored yet: ${why}. ${late === 1 ? "It is" : "They are"} kept on this page. ` : "";
      const refused = kept ? `${kept === 1 ? "One field holds" : `${kept} fields hold`} words that were not stored. ` : "";
      this.status.replaceChildren(waits, refused,
        late ? button("Try again", () => this.outbox.again(), { class: "cop-button is-small" }) : "", " ",
        button("List them", () => this.listQueue(), { class: "cop-button is-small", "aria-expanded": String(!this.queue.hidden) }));
      const touched = new Set();
      for (const one of waiting) for (const [collection, id] of one.shown) if (collection === "extracts") for (const place of this.reader.extracts.get(id)?.turns ?? []) touched.add(place);
      this.reader.refresh(touched);
    } else if (waiting.length) this.status.textContent = "Storing…";
    else if (typed.length) this.status.textContent = `Not stored yet: ${typed[0]}${typed.length > 1 ? ` and ${typed.length - 1} more` : ""}.`;
    else this.status.textContent = this.started ? "Everything is stored." : "Opening…";
    if (!late && !kept) this.queue.hidden = true;
    if (!this.queue.hidden) this.drawQueue();
  }

  afterTyping() {
    const now = typedIn(this.root).join("\n");
    if (now === this.typedBefore) return;
    this.typedBefore = now;
    this.afterOutbox();
  }

  listQueue() {
    this.queue.hidden = !this.queue.hidden;
    this.afterOutbox();
    if (!this.queue.hidden) this.queue.querySelector("button")?.focus();
  }

  /** Everything that is not stored, one line each, with what can be done about it. */
  drawQueue() {
    const { waiting } = this.outbox;
    redraw(this.queue, () => [
      h("ol", {}, waiting.map((one) => h("li", { dir: "auto" },
        `${one.words || one.verb.replaceAll("_", " ")}: ${one.sent && !one.late ? "being stored" : "waits"}. `,
        one.why ? h("small", {}, `${one.why} `) : "",
        one.sent && !one.late ? "" : button("Give it up", () => this.outbox.giveUp(one.op), { class: "cop-button is-small", "data-key": `give-up-${one.op}` }))),
      [...unsaved].map(([key, { value, words }]) => h("li", { dir: "auto" }, `${words || "words in a field"}: “${clipped(value, 120)}” `,
        button("Give it up", () => {
          unsaved.delete(key);
          this.drawPane();
          this.afterOutbox();
        }, { class: "cop-button is-small", "data-key": `give-up-${key}` })))),
      button("Close", () => {
        this.queue.hidden = true;
        this.afterOutbox();
        this.focusText();
      }, { class: "cop-button is-small", "data-key": "close-queue" }),
    ]);
  }

  /** Code words with a code that is there. */
  codeWith(code) {
    const span = this.selectedOrTurn();
    if (!span || !this.document) {
      this.say("Select words first, or go to a turn.", true);
      return;
    }
    this.addExtract({ document: this.document, ...span }, code);
  }

  /** Code words. A code made for them by its name comes with them: one act, taken back by one undo. */
  addExtract({ document: where, start, end, quote }, code, made = null) {
    const twin = this.records.all("extracts").find((one) => one.document === where && one.start === start && one.end === end && one.code === code && one.coder === this.coder);
    if (twin) {
      this.atHand(code);
      this.say(`These words have the code ${this.nameOf(code)} already.`);
      this.reader.chooseExtract(twin.id);
      return;
    }
    const name = made?.name ?? this.nameOf(code);
    const extract = { id: newIdentifier("x"), document: where, start, end, quote, code, coder: this.coder, created: moment(), memo: "", placed: true };
    const shown = [["extracts", extract.id, extract]];
    if (made) shown.unshift(["codes", made.id, made]);
    const sent = this.do("add_extract", { id: extract.id, document: where, start, end, code, quote, ...withNew(made) }, shown, `“${clipped(quote, 40)}” as ${name}`);
    if (!sent) return;
    this.atHand(code);
    this.reader.chooseExtract(extract.id);
    this.say(`Coded as ${name}.`);
  }

  /** The code given last is the one that a key repeats, and stands first among the recent. */
  atHand(code) {
    this.last = code;
    this.recent = [code, ...this.recent.filter((one) => one !== code)].slice(0, RECENT);
    this.remember();
  }

  /** What is to be coded: the selected words, else those of the chosen extract, else the turn. */
  selectedOrTurn() {
    const found = this.reader.selectedPoints();
    if (found) return found;
    const extract = this.chosenExtract();
    if (extract && extract.document === this.document) return { start: extract.start, end: extract.end, quote: extract.quote };
    if (!this.reader.turns.length) return null;
    this.reader.selectTurn();
    return this.reader.selectedPoints();
  }

  makeCode(made) {
    return this.do("add_code", { id: made.id, name: made.name, parent: made.parent, colour: made.colour }, [["codes", made.id, made]], `the code ${made.name}`) ? made : null;
  }

  newCode(name, parent = null) {
    return { id: newIdentifier("code", name), name, parent, definition: "", examples: "", colour: parent ? "" : freeColour(this.records.all("codes")), level: null };
  }

  pickCode({ title, pick, codes = this.records.all("codes"), make = true, more = false, near = null, top = null }) {
    const back = document.activeElement;
    this.picker.open({
      title,
      codes,
      recent: this.recent,
      paths: pathsOf(this.records.all("codes")),
      near: near instanceof Element ? near.getBoundingClientRect() : this.reader.rectOfSelection(),
      make: make && this.canWrite,
      more,
      top,
      pick: (chosen) => {
        if (chosen.name === undefined) pick(chosen);
        else {
          const made = this.newCode(chosen.name);
          pick({ code: made, made });
        }
      },
      back: () => (back && back.isConnected && back !== document.body && this.root.contains(back) ? back.focus({ preventScroll: true }) : this.focusText()),
    });
  }

  codeSameWords(extract) {
    this.pickCode({ title: "Code these words as", more: true, pick: ({ code, made }) => this.addExtract(extract, code.id, made) });
  }

  deleteExtract(extract, withLinks = false) {
    const links = this.records.all("evidence").filter((one) => one.extract === extract.id);
    if (links.length && !withLinks) {
      this.show("passage");
      this.panes.passage.ask(extract.id);
      return;
    }
    const shown = [["extracts", extract.id, null], ...links.map((one) => ["evidence", one.id, null])];
    this.do("delete_extract", { extract: extract.id, ...(withLinks ? { evidence: "delete" } : {}) }, shown, `deleting “${clipped(extract.quote, 40)}”`);
    this.say(`Deleted: ${this.nameOf(extract.code)}. z brings it back.`);
  }

  /** The field for a memo on a document, a code or a configuration; what others wrote stands above it. */
  memoField(about, target, label) {
    const here = this.records.all("memos").filter((one) => one.about === about && one.target === target);
    const own = here.filter((one) => one.coder === this.coder).at(-1);
    const others = here.filter((one) => one !== own && this.mayShow(one));
    return h(
      "div",
      { class: "cop-memo" },
      others.map((one) => h("blockquote", { dir: "auto" }, one.text, h("small", {}, ` ${this.coderName(one.coder ?? "")}`))),
      h("label", { class: "cop-label-of" }, label,
        savedField("textarea", {
          key: `memo-${about}-${target}`,
          label,
          value: own?.text ?? "",
          rows: 3,
          disabled: !this.canWrite,
          save: (text, was) => this.saveMemo(about, target, text, was),
        }),
      ),
    );
  }

  saveMemo(about, target, text, was) {
    const key = `memo-${about}-${target}`;
    const own = this.records.all("memos").filter((one) => one.about === about && one.target === target && one.coder === this.coder).at(-1);
    if (own && !text.trim()) this.do("delete", { collection: "memos", id: own.id }, [["memos", own.id, null]], "the memo");
    else if (own) this.change("memos", own.id, { text }, { text: was }, "the memo", key);
    else if (text.trim()) {
      const made = { id: newIdentifier("memo"), text, title: "", kind: "analytic", about, target, coder: this.coder, created: moment() };
      this.do("memo", { id: made.id, text, about: [about, target] }, [["memos", made.id, made]], "the memo", { key, value: text });
    }
  }
}

/** What a message says of a code that is made with it. */
export function withNew(made) {
  return made ? { made: { name: made.name, parent: made.parent, colour: made.colour } } : {};
}
