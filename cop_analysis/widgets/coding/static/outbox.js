/* What the panel asked for and is not sure of yet: shown at once, sent one after the other, kept until it is stored. No page. */

const LATE = 4000;
const RETRY = 2000;
const NOT_KEPT = new Set(["undo", "redo"]);

/** Why something could not be stored that can pass of itself: it waits and is tried again. */
export const PASSING = {
  locked: "another program holds the database",
  full: "the disk has no room left",
  gone: "the place of the study cannot be read or written just now",
  unreachable: "the database cannot be reached",
};

/** The records as they are stored, and as they are shown with what is still on its way. */
export class Records {
  constructor(records) {
    this.stored = new Map();
    this.shown = new Map();
    this.fill(records);
  }

  fill(records) {
    for (const [collection, list] of Object.entries(records)) {
      this.stored.set(collection, new Map(list.map((one) => [one.id, one])));
      this.shown.set(collection, new Map(list.map((one) => [one.id, one])));
    }
  }

  get(collection, identifier) {
    return this.shown.get(collection)?.get(identifier);
  }

  all(collection) {
    return [...(this.shown.get(collection)?.values() ?? [])];
  }

  count(collection) {
    return this.shown.get(collection)?.size ?? 0;
  }

  put(layer, collection, identifier, record) {
    const kept = this[layer].get(collection) ?? new Map();
    this[layer].set(collection, kept);
    if (record) kept.set(identifier, record);
    else kept.delete(identifier);
  }
}

/** Sends what is to be done, shows it meanwhile, and keeps it until it is stored or refused. */
export class Outbox {
  /**
   * records: Records. send: given a message. changed: given the keys whose record now looks different.
   * failed: given an operation and why it was refused. state: told when what waits changes.
   * storage: keeps what waits over a reload of the page, or null. later: setTimeout.
   */
  constructor({ records, send, changed, failed, state, storage = null, name = "", later = (run, after) => setTimeout(run, after) }) {
    Object.assign(this, { records, send, changed, failed, state, storage, name, later });
    this.waiting = [];
    this.next = 1;
    this.stuck = "";
    this.coder = "";
    this.session = Math.random().toString(36).slice(2, 8);
  }

  /** Ask for something. `shown` lists what it makes of which records: [collection, identifier, record or null]. */
  do(verb, args, shown = [], words = "", coder = this.coder) {
    const operation = { op: `${this.session}-${this.next}`, verb, args, shown, words, coder, late: false, sent: false };
    this.next += 1;
    const waits = this.flying;
    this.waiting.push(operation);
    this.redo(shown);
    if (this.stuck || waits?.late) this.leave(operation);
    else if (waits) {
      this.keep();
      this.state(this);
    } else this.post(operation);
    return operation;
  }

  /** What was sent and is not answered yet: what comes after it may build on it, and waits. A late undo stops nobody. */
  get flying() {
    return this.waiting.find((one) => one.sent && !(one.late && NOT_KEPT.has(one.verb)));
  }

  /** Send what is first of those that were not sent, as soon as nothing else is on its way. */
  goOn() {
    const first = this.waiting.find((one) => !one.sent);
    if (first && !this.flying) this.post(first);
  }

  post(operation) {
    operation.late = false;
    operation.sent = true;
    this.keep();
    try {
      const who = operation.coder ? { coder: operation.coder } : {};
      this.send({ kind: "do", op: operation.op, verb: operation.verb, args: operation.args, ...who });
    } catch {
      operation.late = true;
    }
    this.later(() => {
      if (!this.waiting.includes(operation)) return;
      operation.late = true;
      if (this.flying) for (const one of this.waiting.filter((each) => !each.sent)) one.late = true;
      else this.goOn();
      this.state(this);
    }, LATE);
    this.state(this);
  }

  leave(operation) {
    operation.late = true;
    operation.sent = false;
    this.keep();
    this.state(this);
  }

  /** The store could not take an operation just now: it and what came after it wait, and are tried again in order. */
  held(op, why = "locked", sentence = "") {
    const operation = this.waiting.find((one) => one.op === op);
    if (!operation) return;
    this.stuck = why;
    operation.why = sentence;
    for (const one of this.waiting) one.late = true;
    this.leave(operation);
    this.later(() => this.goOn(), RETRY);
  }

  /** Take over what was stored, by this panel or by others. */
  take(changes) {
    for (const [collection, identifier, record] of changes) this.records.put("stored", collection, identifier, record);
    this.redo(changes);
  }

  done(op, changes) {
    const operation = this.drop(op);
    for (const [collection, identifier, record] of changes) this.records.put("stored", collection, identifier, record);
    this.redo([...changes, ...(operation?.shown ?? [])]);
    this.stuck = "";
    this.goOn();
    this.state(this);
    return operation;
  }

  refused(op, why, sentence) {
    const operation = this.drop(op);
    if (operation) this.redo(operation.shown);
    this.failed(operation ?? { verb: "", args: {}, shown: [], words: "" }, why, sentence);
    this.stuck = "";
    this.goOn();
    this.state(this);
  }

  /** Give up something that waits and is not on its way: it is shown no more. */
  giveUp(op) {
    const operation = this.waiting.find((one) => one.op === op && !(one.sent && !one.late));
    if (!operation) return;
    this.drop(op);
    this.redo(operation.shown);
    if (!this.waiting.length) this.stuck = "";
    this.state(this);
  }

  drop(op) {
    const operation = this.waiting.find((one) => one.op === op);
    this.waiting = this.waiting.filter((one) => one !== operation);
    this.keep();
    return operation;
  }

  /** Show each of these records as the latest operation that waits would have it, or as it is stored. */
  redo(keys) {
    const told = [];
    for (const [collection, identifier] of keys) {
      let record = this.records.stored.get(collection)?.get(identifier) ?? null;
      for (const operation of this.waiting) {
        for (const [where, which, made] of operation.shown) {
          if (where === collection && which === identifier) record = made;
        }
      }
      this.records.put("shown", collection, identifier, record);
      told.push([collection, identifier]);
    }
    if (told.length) this.changed(told);
  }

  /** Whether a record is shown but not stored yet: "storing", "late" or "". */
  stateOf(collection, identifier) {
    let found = "";
    for (const operation of this.waiting) {
      if (operation.shown.some((one) => one[0] === collection && one[1] === identifier)) {
        found = operation.late || found === "late" ? "late" : "storing";
      }
    }
    return found;
  }

  get late() {
    return this.waiting.filter((one) => one.late).length;
  }

  /** Send what waits once more. What is done twice would not be the same as once, such as an undo, is not sent again. */
  again() {
    this.stuck = "";
    const [first, ...others] = this.waiting.filter((one) => !one.sent || !NOT_KEPT.has(one.verb));
    for (const one of others) one.late = false;
    if (first) this.post(first);
  }

  keep() {
    if (!this.storage) return;
    const kept = this.waiting.filter((one) => !NOT_KEPT.has(one.verb));
    try {
      if (kept.length) this.storage.setItem(this.name, JSON.stringify(kept));
      else this.storage.removeItem(this.name);
    } catch {
      // A full or forbidden storage costs only the safety net; what waits is still being sent.
    }
  }

  /** Take up what an earlier page of this tab could not get stored. */
  takeUp() {
    let kept = [];
    try {
      kept = JSON.parse(this.storage?.getItem(this.name) ?? "[]");
    } catch {
      kept = [];
    }
    if (!Array.isArray(kept)) kept = [];
    for (const { verb, args, shown, words, coder } of kept) this.do(verb, args, shown, words, coder);
    return kept.length;
  }
}

const LETTERS = "bcdfghjklmnpqrstvwxz";

/** An identifier for a new record, like those the store makes: unlike any other, in the order they were made. */
export function newIdentifier(prefix, name = "", now = Date.now(), random = Math.random) {
  const tail = Array.from({ length: 6 }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join("");
  const plain = name.normalize("NFKD").replace(/[^\x00-\x7F]/g, "").toLowerCase();
  const slug = plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40).replace(/-+$/, "");
  if (slug) return `${prefix}-${slug}-${tail}`;
  let rest = Math.max(0, now - 1735689600000);
  let written = "";
  for (let place = 0; place < 10; place += 1) {
    written = LETTERS[rest % LETTERS.length] + written;
    rest = Math.floor(rest / LETTERS.length);
  }
  return `${prefix}-${written}-${tail}`;
}

/** The present moment as records say it. */
export function moment() {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}
