// Draft sentences, gaps, disagreements, and what the panel says to do next.
import assert from "node:assert/strict";
import { test } from "node:test";
import { disagreements, draftSentence, gapsOf, nextStep } from "../../../cop_analysis/widgets/coding/static/theory_words.js";

const roles = [
  { key: "context", title: "Context", part: "context" },
  { key: "resource", title: "Mechanism: resource", part: "mechanism" },
  { key: "reasoning", title: "Mechanism: reasoning", part: "mechanism" },
  { key: "outcome", title: "Outcome", part: "outcome" },
];
const slot = (role, wording, codes = []) => ({ role, wording, codes });
const configuration = (slots, more = {}) => ({ id: "cmo1", schema: "CMO", statement: "", for_whom: "", slots, ...more });
const names = (code) => ({ c1: "Deciding alone", c2: "V300 course" })[code];

test("a draft sentence is made of the slots", () => {
  const one = configuration([slot("context", "they decide alone."), slot("resource", "a name to ring"), slot("reasoning", "“I may ask”"), slot("outcome", "They ring")]);
  assert.equal(draftSentence(one, names), "Where they decide alone, a name to ring brings about “I may ask”, so that they ring.");
});

test("codes stand in where there is no wording, and a partial configuration has a draft too", () => {
  assert.equal(draftSentence(configuration([slot("context", "", ["c1"]), slot("outcome", "they ring")]), names), "Where deciding alone, so that they ring.");
  assert.equal(draftSentence(configuration([slot("context", "", ["c2"]), slot("resource", "peers")]), names), "Where V300 course, peers.");
  assert.equal(draftSentence(configuration([slot("context", "x")]), names), "");
  const rule = configuration([slot("if", "they meet"), slot("then", "they ring"), slot("because", "they trust")], { schema: "if-then" });
  assert.equal(draftSentence(rule, names), "If they meet, then they ring, because they trust.");
});

test("gaps follow from the records", () => {
  const gaps = (one, evidence) => gapsOf(one, evidence, (extract) => extract.split("-")[0], roles).map((each) => each.gap);
  const full = configuration(roles.map((role) => slot(role.key, "said")), { statement: "It works." });
  assert.deepEqual(gaps(full, []), ["no extract"]);
  const link = (extract, stance, where) => ({ configuration: "cmo1", extract, stance, slot: where });
  assert.deepEqual(gaps(full, [link("D1-a", "supports", "outcome")]), ["one source only", "no refuting evidence", "no outcome without the mechanism"]);
  assert.deepEqual(gaps(full, [link("D1-a", "supports", "context"), link("D2-b", "refutes", "outcome")]), []);
  assert.deepEqual(gaps(configuration([]), [link("D1-a", "refutes", "outcome"), link("D2-a", "refines", null)]), ["not fully stated", "no statement"]);
});

const extract = (id, coder, code, start, end, document = "D1") => ({ id, coder, code, start, end, document, placed: true });

test("two coders disagree where one has no like of the other's extract", () => {
  const found = disagreements([
    extract("a1", "a", "c1", 0, 10), extract("b1", "b", "c1", 5, 15),
    extract("a2", "a", "c2", 20, 30), extract("b2", "b", "c3", 25, 28),
    extract("a3", "a", "c1", 0, 5, "D2"), extract("z", "z", "c9", 0, 5),
  ], "a", "b", new Set(["b2"]));
  assert.deepEqual(found.map((one) => [one.extract.id, one.others.map((each) => each.id), one.settled]), [["a2", ["b2"], false], ["b2", ["a2"], true]]);
});

test("the panel says what to do next until there is a configuration with evidence against it", () => {
  const now = { readOnly: "", coder: "a", documents: 1, extracts: 0, configurations: 0, links: 0, statement: "", refuting: false, open: true };
  const seen = [
    nextStep({ ...now, coder: "" }),
    nextStep(now),
    nextStep({ ...now, extracts: 1 }),
    nextStep({ ...now, extracts: 1, configurations: 1 }),
    nextStep({ ...now, extracts: 1, configurations: 1, links: 1 }),
    nextStep({ ...now, extracts: 1, configurations: 1, links: 1, open: false }),
    nextStep({ ...now, extracts: 1, configurations: 1, links: 1, open: false, statement: "x" }),
  ];
  assert.equal(new Set(seen).size, seen.length);
  assert.ok(seen.every((one) => one.length > 20));
  assert.equal(nextStep({ ...now, extracts: 1, configurations: 1, links: 1, open: false, statement: "x", refuting: true }), "");
});
