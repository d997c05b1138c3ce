// Offsets between JavaScript's UTF-16 units and the store's code points.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Offsets, clipped, wholeCharacters } from "../../../cop_analysis/widgets/coding/static/offsets.js";

const TEXTS = {
  plain: "P01: I rang.",
  emoji: "P01: 👩🏽‍⚕️ said 😀😀 yes",
  combining: "P01: cafe\u0301 re\u0301sume\u0301",
  rightToLeft: "P01: שלום עולם مرحبا 😀",
  lines: "P01: one\n\nP02: two 😀\nthree",
  empty: "",
};

for (const [name, text] of Object.entries(TEXTS)) {
  test(`every place in ${name} goes there and back`, () => {
    const offsets = new Offsets(text);
    const points = [...text];
    assert.equal(offsets.points, points.length);
    let unit = 0;
    for (let point = 0; point <= points.length; point += 1) {
      assert.equal(offsets.toUnits(point), unit);
      assert.equal(offsets.toPoint(unit), point);
      assert.equal(offsets.toPoint(unit, true), point);
      unit += points[point]?.length ?? 0;
    }
  });
}

test("a place inside a pair belongs to the pair, or ends after it", () => {
  const offsets = new Offsets("a😀b");
  assert.equal(offsets.toPoint(2), 1);
  assert.equal(offsets.toPoint(2, true), 2);
});

test("a selection never cuts what a reader sees as one character", () => {
  const family = "x👩🏽‍⚕️y";
  assert.deepEqual(wholeCharacters(family, 3, 4), { start: 1, end: family.length - 1 });
  assert.deepEqual(wholeCharacters("cafe\u0301!", 0, 4), { start: 0, end: 5 });
  assert.deepEqual(wholeCharacters("a😀b", 2, 3), { start: 1, end: 3 });
});

test("blanks at its ends do not belong to a selection, and blanks alone are none", () => {
  assert.deepEqual(wholeCharacters("  two words \n", 0, 13), { start: 2, end: 11 });
  assert.equal(wholeCharacters("one  two", 3, 5), null);
  assert.equal(wholeCharacters("one", 1, 1), null);
});

test("a text is cut between characters as people see them, never through one", () => {
  const nurse = "👩🏽‍⚕️";
  assert.equal(clipped("short", 5), "short");
  assert.equal(clipped("longer", 5), "long…");
  assert.equal(clipped(`a${nurse}b${nurse}c`, 5), `a${nurse}b${nurse}c`);
  assert.equal(clipped(`a${nurse}b${nurse}c`, 3), `a${nurse}…`);
  assert.equal(clipped("cafe\u0301s open", 5), "cafe\u0301…");
  assert.equal(clipped("🇬🇧🇫🇷🇩🇪", 2), "🇬🇧…");
  assert.equal(clipped("one two three", 5), "one…", "no blank before the ellipsis");
});
