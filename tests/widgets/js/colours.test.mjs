// The colours of codes: own, inherited, and different ones at the top.
import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_COLOUR, coloursOf, freeColour } from "../../../cop_analysis/widgets/coding/static/colours.js";

const code = (id, parent = null, colour = "") => ({ id, parent, colour });

test("codes at the top without a colour get different ones, and those below take them on", () => {
  const codes = [...Array(12).keys()].map((place) => code(`c${place}`));
  const found = coloursOf([...codes, code("below", "c3"), code("deep", "below"), code("own", "c3", "#123456")]);
  assert.equal(new Set(codes.map((one) => found.get(one.id))).size, 12);
  assert.equal(found.get("below"), found.get("c3"));
  assert.equal(found.get("deep"), found.get("c3"));
  assert.equal(found.get("own"), "#123456");
});

test("a new code gets a colour nobody at the top has", () => {
  const codes = [];
  for (let place = 0; place < 12; place += 1) codes.push(code(`c${place}`, null, freeColour(codes)));
  assert.equal(new Set(codes.map((one) => one.colour)).size, 12);
});

test("a circle of codes has a colour as well, and what is no colour is none", () => {
  assert.equal(coloursOf([code("a", "b"), code("b", "a")]).get("a"), NO_COLOUR);
  assert.match(coloursOf([code("a", null, "url(x)")]).get("a"), /^#[0-9a-f]{6}$/);
});
