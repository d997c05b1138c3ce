// The static form in the notebook is written where it stands, and nowhere else.
import assert from "node:assert/strict";
import { test } from "node:test";
import { keepForm } from "../../../cop_analysis/widgets/coding/static/saved_form.js";

const VIEW = "application/vnd.jupyter.widget-view+json";
const list = (items) => ({ length: items.length, get: (at) => items[at], set: (at, one) => (items[at] = one) });
const panel = (id) => ({ data: { [VIEW]: { model_id: id }, "text/plain": "" } });
const form = (words) => ({ data: { "text/html": `<div class="cop-result cop-static-form">${words}</div>` } });
const held = (...cells) => ({ widget_manager: { context: { model: { cells: list(cells) } } } });

test("the form after the panel is replaced, and that of another panel is not", () => {
  const others = [panel("a"), form("of a")];
  const own = [{ data: {} }, panel("b"), { data: { "text/html": "<p>" } }, form("of b")];
  const model = held({}, { outputs: list(others) }, { outputs: list(own) });
  assert.equal(keepForm(model, { view: "b", html: "<p>new", text: "new" }), true);
  assert.deepEqual(own[3], { output_type: "display_data", data: { "text/html": "<p>new", "text/plain": "new" }, metadata: {} });
  assert.deepEqual(others, [panel("a"), form("of a")]);
  assert.deepEqual(own.slice(0, 3), [{ data: {} }, panel("b"), { data: { "text/html": "<p>" } }]);
});

test("a form that says the same at another time is left as it is", () => {
  const stood = (words, at) => `<div class="cop-static-form"><p>2 codes, as it stood on ${at}.</p>${words}</div>`;
  const own = [panel("b"), { data: { "text/html": stood("same", "2 May 2026, 10:00 UTC") } }];
  const [, before] = own;
  assert.equal(keepForm(held({ outputs: list(own) }), { view: "b", html: stood("same", "3 May 2026, 11:00 UTC"), text: "" }), true);
  assert.equal(own[1], before);
  keepForm(held({ outputs: list(own) }), { view: "b", html: stood("other", "3 May 2026, 11:00 UTC"), text: "" });
  assert.match(own[1].data["text/html"], /3 May 2026.*other/);
});

test("a page without a notebook, without the panel or without its form is left alone", () => {
  for (const model of [{}, { widget_manager: {} }, held(), held({ outputs: list([form("of nobody"), panel("b")]) })]) {
    assert.equal(keepForm(model, { view: "b", html: "", text: "" }), false);
  }
});
