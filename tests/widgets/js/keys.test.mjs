// The keys: each means one thing, and every action has a menu and a key.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ACTIONS, actionOf, keyOf, keyShown } from "../../../cop_analysis/widgets/coding/static/keys.js";

const press = (key, more = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });

test("every action has a menu, a label and a key, and no key means two things", () => {
  const keys = ACTIONS.flatMap((action) => action.keys);
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(new Set(ACTIONS.map((action) => action.id)).size, ACTIONS.length);
  for (const action of ACTIONS) assert.ok(action.menu && action.label && action.keys.length, action.id);
});

test("a key press is understood with its modifiers", () => {
  assert.equal(actionOf(press("n")).id, "code");
  assert.equal(actionOf(press("Enter")).id, "code");
  assert.equal(actionOf(press("ArrowRight", { shiftKey: true })).id, "moreRight");
  assert.equal(actionOf(press("Z", { shiftKey: true })).id, "redo");
  assert.equal(actionOf(press("z", { ctrlKey: true })).id, "undo");
  assert.equal(actionOf(press("z", { metaKey: true })).id, "undo");
  assert.equal(actionOf(press("?", { shiftKey: true })).id, "help");
  assert.equal(actionOf(press("q")), undefined);
  assert.equal(actionOf(press("n", { ctrlKey: true })), undefined);
});

test("a bracket typed with AltGr is a bracket", () => {
  const event = press("]", { ctrlKey: true, altKey: true, getModifierState: (name) => name === "AltGraph" });
  assert.equal(keyOf(event), "]");
});

test("keys are shown as they are engraved", () => {
  assert.equal(keyShown("Shift+ArrowRight"), "Shift+→");
  assert.equal(keyShown("Ctrl+z"), "Ctrl+z");
  assert.equal(keyShown("/"), "/");
});
