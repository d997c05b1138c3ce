// What is shown before it is stored, and what becomes of it when it is not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox, Records, newIdentifier } from "../../../cop_analysis/widgets/coding/static/outbox.js";

function made({ storage = null } = {}) {
  const records = new Records({ codes: [{ id: "c1", name: "Trust" }] });
  const said = { sent: [], failed: [], changed: [], late: [] };
  const box = new Outbox({
    records,
    send: (message) => said.sent.push(message),
    changed: (keys) => said.changed.push(...keys.map(([, id]) => id)),
    failed: (operation, why, sentence) => said.failed.push([operation.verb, why, sentence]),
    state: () => {},
    storage,
    name: "test",
    later: (run) => said.late.push(run),
  });
  return { records, box, said };
}

const rename = (box, name) => box.do("rename_code", { code: "c1", name }, [["codes", "c1", { id: "c1", name }]]);
const name = (records) => records.get("codes", "c1")?.name;

test("a change is shown at once and marked until it is stored", () => {
  const { records, box, said } = made();
  const { op } = rename(box, "Faith");
  assert.equal(name(records), "Faith");
  assert.equal(box.stateOf("codes", "c1"), "storing");
  assert.deepEqual(said.sent[0], { kind: "do", op, verb: "rename_code", args: { code: "c1", name: "Faith" } });
  box.done(op, [["codes", "c1", { id: "c1", name: "Faith" }]]);
  assert.equal(box.stateOf("codes", "c1"), "");
  assert.equal(name(records), "Faith");
});

test("what was refused is taken back and said", () => {
  const { records, box, said } = made();
  const { op } = rename(box, "Faith");
  box.refused(op, "refused", "There is one already.");
  assert.equal(name(records), "Trust");
  assert.deepEqual(said.failed, [["rename_code", "refused", "There is one already."]]);
});

test("an earlier answer does not put back what was changed again meanwhile", () => {
  const { records, box } = made();
  const first = rename(box, "Faith");
  const second = rename(box, "Hope");
  box.done(first.op, [["codes", "c1", { id: "c1", name: "Faith" }]]);
  assert.equal(name(records), "Hope");
  box.refused(second.op, "refused", "no");
  assert.equal(name(records), "Faith");
});

test("what others did is shown, but not over what waits here", () => {
  const { records, box } = made();
  const { op } = rename(box, "Faith");
  box.take([["codes", "c1", { id: "c1", name: "Theirs" }], ["codes", "c2", { id: "c2", name: "New" }]]);
  assert.equal(name(records), "Faith");
  assert.equal(records.get("codes", "c2").name, "New");
  box.refused(op, "changed", "Somebody changed it.");
  assert.equal(name(records), "Theirs");
});

test("a deletion is shown, and undone where it is refused", () => {
  const { records, box } = made();
  const { op } = box.do("delete_code", { code: "c1" }, [["codes", "c1", null]]);
  assert.equal(records.count("codes"), 0);
  box.refused(op, "in use", "1 extract uses it.");
  assert.equal(name(records), "Trust");
});

test("what is not answered in time is said to be late, and can be sent again", () => {
  const { box, said } = made();
  rename(box, "Faith");
  said.late.forEach((run) => run());
  assert.equal(box.late, 1);
  assert.equal(box.stateOf("codes", "c1"), "late");
  box.again();
  assert.equal(said.sent.length, 2);
  assert.equal(said.sent[0].op, said.sent[1].op);
  assert.equal(box.late, 0);
});

test("what was not stored before a reload is taken up after it, but never an undo", () => {
  const kept = new Map();
  const storage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
  };
  const before = made({ storage });
  rename(before.box, "Faith");
  before.box.do("undo", {});
  const after = made({ storage });
  assert.equal(after.box.takeUp(), 1);
  assert.equal(name(after.records), "Faith");
  after.box.done(after.said.sent[0].op, []);
  assert.equal(kept.size, 0);
  kept.set("test", "not json");
  assert.equal(made({ storage }).box.takeUp(), 0);
});

test("behind something the store could not take just now, what comes after it waits and is sent in order", () => {
  const { box, said } = made();
  const first = rename(box, "Faith");
  box.held(first.op);
  const second = box.do("add_code", { id: "c2", name: "New" }, [["codes", "c2", { id: "c2", name: "New" }]]);
  assert.equal(said.sent.length, 1, "the second is not sent before the first is stored");
  assert.equal(box.late, 2);
  assert.equal(box.stateOf("codes", "c2"), "late");
  said.late.at(-1)();
  assert.deepEqual(said.sent.map((one) => one.op), [first.op, first.op]);
  box.done(first.op, []);
  assert.deepEqual(said.sent.map((one) => one.op), [first.op, first.op, second.op]);
  box.done(second.op, []);
  assert.equal(box.waiting.length, 0);
  assert.deepEqual(said.failed, []);
});

test("what builds on something is not sent before that is stored, and not lost when that is held up", () => {
  const { box, said } = made();
  const first = box.do("add_extract", { id: "x" }, [["extracts", "x", { id: "x" }]]);
  const second = box.do("memo", { id: "m", about: ["extract", "x"] }, [["memos", "m", { id: "m" }]]);
  const third = box.do("undo", {});
  assert.deepEqual(said.sent.map((one) => one.op), [first.op]);
  box.held(first.op);
  assert.deepEqual(box.waiting.map((one) => one.verb), ["add_extract", "memo", "undo"]);
  said.late.at(-1)();
  for (const one of [first, second, third]) box.done(one.op, []);
  assert.deepEqual(said.sent.map((one) => one.op), [first.op, first.op, second.op, third.op]);
  assert.deepEqual([said.failed, box.waiting], [[], []]);
});

test("an answer that comes twice sends nothing before its turn", () => {
  const { box, said } = made();
  const all = ["One", "Two", "Three"].map((one) => rename(box, one));
  said.late.forEach((run) => run());
  assert.equal(box.late, 3, "what waits behind it is late as well");
  box.again();
  box.done(all[0].op, []);
  box.done(all[0].op, []);
  assert.deepEqual(said.sent.map((one) => one.args.name), ["One", "One", "Two"]);
});

test("what waits stays the work of whoever did it", () => {
  const { box, said } = made();
  box.coder = "a";
  const first = rename(box, "One");
  rename(box, "Two");
  box.coder = "b";
  rename(box, "Three");
  box.done(first.op, []);
  box.done(said.sent[1].op, []);
  assert.deepEqual(said.sent.map((one) => one.coder), ["a", "a", "b"]);
});

test("an undo that is late is not sent twice, for twice is not once", () => {
  const { box, said } = made();
  box.do("undo", {});
  rename(box, "Faith");
  said.late.forEach((run) => run());
  box.again();
  assert.deepEqual(said.sent.map((one) => one.verb), ["undo", "rename_code", "rename_code"]);
});

test("identifiers are unlike each other, sort by time, and say the name", () => {
  assert.match(newIdentifier("code", "Café: the “hour”"), /^code-cafe-the-hour-[bcdfghjklmnpqrstvwxz]{6}$/);
  assert.match(newIdentifier("code", "אמון"), /^code-[a-z]{10}-[a-z]{6}$/);
  assert.ok(newIdentifier("x", "", 1_800_000_000_000) < newIdentifier("x", "", 1_800_000_001_000));
  assert.notEqual(newIdentifier("x"), newIdentifier("x"));
});

test("what cannot be stored just now waits with all that follows, is tried again in order, and can be given up", () => {
  const { records, box, said } = made();
  const first = rename(box, "Faith").op;
  const second = rename(box, "Hope").op;
  box.held(first, "full", "The disk has no room left.");
  const third = rename(box, "Love").op;
  assert.equal(box.stuck, "full");
  assert.equal(box.late, 3);
  assert.deepEqual(box.waiting.map((one) => one.op), [first, second, third]);
  assert.equal(box.waiting[0].why, "The disk has no room left.");
  assert.equal(name(records), "Love");
  box.giveUp(third);
  assert.equal(name(records), "Hope");
  said.sent.length = 0;
  said.late.at(-1)();
  assert.deepEqual(said.sent.map((one) => one.op), [first]);
  box.done(first, [["codes", "c1", { id: "c1", name: "Faith" }]]);
  assert.deepEqual(said.sent.map((one) => one.op), [first, second]);
  assert.equal(box.stuck, "");
  box.done(second, [["codes", "c1", { id: "c1", name: "Hope" }]]);
  assert.equal(box.waiting.length, 0);
});

test("what is on its way cannot be given up", () => {
  const { box } = made();
  const { op } = rename(box, "Faith");
  box.giveUp(op);
  assert.equal(box.waiting.length, 1);
});
