// Words, sentences, turns, and the next one nobody coded.
import assert from "node:assert/strict";
import { test } from "node:test";
import { WordSelection, nextUncoded, sentenceAt, turnAt, turnsReached, wordsOf } from "../../../cop_analysis/widgets/coding/static/reading.js";

const words = (text) => wordsOf(text, 0, text.length).map((one) => text.slice(one.start, one.end));

test("words keep their punctuation, and whole emoji and marks", () => {
  assert.deepEqual(words("Yes, I don't know."), ["Yes,", "I", "don't", "know."]);
  assert.deepEqual(words("cafe\u0301 👩🏽‍⚕️ now"), ["cafe\u0301", "👩🏽‍⚕️", "now"]);
  assert.deepEqual(words("שלום עולם"), ["שלום", "עולם"]);
  assert.deepEqual(words(" \n "), []);
});

test("the sentence around a place", () => {
  const text = "I rang. They came at once. Good.";
  const said = sentenceAt(text, 0, text.length, 10);
  assert.equal(text.slice(said.start, said.end), "They came at once.");
  assert.deepEqual(sentenceAt("", 0, 0, 0), { start: 0, end: 0 });
});

const turns = [{ start: 0, end: 5 }, { start: 7, end: 10 }, { start: 12, end: 20 }];

test("which turn a place is in, and which turns a span reaches", () => {
  assert.equal(turnAt(turns, 0), 0);
  assert.equal(turnAt(turns, 6), 1);
  assert.equal(turnAt(turns, 99), 2);
  assert.deepEqual(turnsReached(turns, 3, 13), [0, 1, 2]);
  assert.deepEqual(turnsReached(turns, 5, 7), []);
  assert.deepEqual(turnsReached(turns, 7, 10), [1]);
});

test("the next uncoded turn goes round once and says when there is none", () => {
  const coded = new Set([1, 2]);
  const find = (from, step) => nextUncoded(4, (one) => coded.has(one), () => true, from, step);
  assert.equal(find(0, 1), 3);
  assert.equal(find(3, 1), 0);
  assert.equal(find(3, -1), 0);
  assert.equal(nextUncoded(3, () => true, () => true, 0), -1);
  assert.equal(nextUncoded(4, () => false, (one) => one === 2, 0), 2);
  assert.equal(nextUncoded(0, () => false, () => true, 0), -1);
});

test("a selection grows and shrinks from where it began", () => {
  const selection = new WordSelection();
  assert.equal(selection.span, null);
  selection.moveTo({ start: 4, end: 7 }, false);
  selection.moveTo({ start: 8, end: 12 }, true);
  assert.deepEqual(selection.span, { start: 4, end: 12 });
  selection.moveTo({ start: 0, end: 3 }, true);
  assert.deepEqual(selection.span, { start: 0, end: 7 });
  selection.moveTo({ start: 0, end: 3 }, false);
  assert.deepEqual(selection.span, { start: 0, end: 3 });
});

test("a sentence does not end at a shortened word", () => {
  const sentence = (text, words) => {
    const said = sentenceAt(text, 0, text.length, text.indexOf(words));
    return text.slice(said.start, said.end);
  };
  const rounds = "We met. I asked Dr. Khan and Mrs. J. K. Bell about it, e.g. the dose. Then I left.";
  for (const words of ["I asked", "Khan", "K. Bell", "the dose"]) {
    assert.equal(sentence(rounds, words), "I asked Dr. Khan and Mrs. J. K. Bell about it, e.g. the dose.");
  }
  assert.equal(sentence(rounds, "We"), "We met.");
  assert.equal(sentence(rounds, "left"), "Then I left.");
  assert.equal(sentence("See No. 4 on the list. Fine.", "list"), "See No. 4 on the list.");
  assert.equal(sentence("No. I do not think so.", "think"), "I do not think so.");
  assert.equal(sentence("So did I. Then we left.", "Then"), "Then we left.");
  assert.equal(sentence("We went to St. Mary's. It helped.", "Mary"), "We went to St. Mary's.");
  assert.equal(sentence("Dr.\nKhan spoke.", "Khan"), "Khan spoke.");
});
