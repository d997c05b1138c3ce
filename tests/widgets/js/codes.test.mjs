// Overlapping extracts, short names of codes, and finding a code by typing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { findCodes, pathsOf, treeOf, withBelow } from "../../../cop_analysis/widgets/coding/static/finding.js";
import { initials, lines, pieces } from "../../../cop_analysis/widgets/coding/static/overlaps.js";

const extract = (id, start, end) => ({ id, start, end });
const code = (id, name, parent = null) => ({ id, name, parent });

test("overlapping extracts cut the text where each begins and ends", () => {
  const found = pieces([extract("a", 2, 8), extract("b", 5, 12)], 0, 10);
  assert.deepEqual(found.map((one) => [one.start, one.end, one.extracts.map((each) => each.id).join("")]), [
    [0, 2, ""], [2, 5, "a"], [5, 8, "ab"], [8, 10, "b"],
  ]);
  assert.deepEqual(pieces([], 0, 3), [{ start: 0, end: 3, extracts: [] }]);
});

test("what overlaps never shares a line, and lines are used again", () => {
  const on = lines([extract("a", 0, 10), extract("b", 5, 15), extract("c", 10, 20), extract("d", 6, 7)]);
  assert.notEqual(on.get("a"), on.get("b"));
  assert.notEqual(on.get("d"), on.get("b"));
  assert.notEqual(on.get("d"), on.get("a"));
  assert.equal(on.get("c"), 0);
});

test("no two codes have the same short name, in any script", () => {
  const short = initials([code("1", "A name to ring"), code("2", "A new thing"), code("3", "Trust"), code("4", "אמון הדדי"), code("5", "!!!"), code("6", "Trust")]);
  assert.equal(short.get("1"), "ANT");
  assert.equal(short.get("2"), "ANT2");
  assert.equal(short.get("3"), "Tr");
  assert.equal(short.get("5"), "?");
  assert.equal(new Set(short.values()).size, 6);
});

const book = [code("1", "Trust in peers"), code("2", "Time to come"), code("3", "Café hour", "2"), code("4", "Distrust")];
const names = (typed, recent = []) => findCodes(book, typed, recent, pathsOf(book)).map((one) => one.name);

test("typing finds codes whatever the case and accents, best first", () => {
  assert.deepEqual(names("TRUST"), ["Trust in peers", "Distrust"]);
  assert.deepEqual(names("cafe"), ["Café hour"]);
  assert.deepEqual(names("tip"), ["Trust in peers"]);
  assert.deepEqual(names("come ti"), ["Time to come"]);
  assert.deepEqual(names("xyz"), []);
});

test("a name above a code finds it too, after those it is the name of", () => {
  assert.deepEqual(names("time"), ["Time to come", "Café hour"]);
});

test("with nothing typed the recent codes lead", () => {
  assert.deepEqual(names("", ["4", "2"]).slice(0, 2), ["Distrust", "Time to come"]);
});

test("the tree holds every code once, also in a circle or under a parent that is gone", () => {
  const rows = treeOf([...book, code("5", "Lost", "gone"), code("6", "Round", "7"), code("7", "About", "6")]);
  assert.equal(rows.length, 7);
  assert.equal(rows.find((row) => row.code.id === "3").depth, 1);
  assert.equal(rows.find((row) => row.code.id === "5").depth, 0);
  assert.deepEqual([...withBelow(book, "2")].sort(), ["2", "3"]);
});
