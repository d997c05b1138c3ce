// Blocks are drawn and laid out ahead of the reader, only when there is time, each once, and again when they change.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Ahead } from "../../../cop_analysis/widgets/coding/static/ahead.js";

function element(more = {}) {
  const names = new Set();
  return { hidden: false, isConnected: true, classList: { add: (one) => names.add(one), remove: (one) => names.delete(one) }, names,
    measured: 0, getBoundingClientRect() { this.measured += 1; }, ...more };
}

/** A document of parts of two blocks, and the hands of a browser: `rest` runs what waits for an idle moment. */
function world(count, width = 600) {
  const reader = { clientWidth: width };
  const parts = [];
  for (let place = 0; place < count; place += 1) {
    if (place % 2 === 0) parts.push({ element: element({ parentElement: reader }), blocks: [] });
    parts.at(-1).blocks.push({ place, element: element({ parentElement: parts.at(-1).element }) });
  }
  const idles = [];
  let frames = [];
  const drawn = [];
  const ahead = new Ahead({ draw: (block) => drawn.push(block.place), idle: (run) => idles.push(run), frame: (run) => frames.push(run) });
  const rest = (left = 40) => idles.splice(0).forEach((run) => run({ timeRemaining: () => left }));
  const paint = () => { const now = frames; frames = []; now.forEach((run) => run()); };
  return { ahead, parts, blocks: parts.flatMap((part) => part.blocks), drawn, idles, rest, paint, reader };
}

test("one block in an idle moment, from where the reader is to the end and then from the beginning", () => {
  const { ahead, parts, blocks, drawn, idles, rest } = world(5);
  ahead.start(parts);
  ahead.reached(3);
  rest();
  assert.deepEqual(drawn, [3]);
  for (let more = 0; more < 4; more += 1) rest();
  assert.deepEqual(drawn, [3, 4, 0, 1, 2]);
  assert.deepEqual(blocks.map((one) => one.element.measured), [1, 1, 1, 1, 1]);
  assert.equal(idles.length, 0, "nothing is asked for once all is done");
});

test("nothing is begun in a moment too short for it, and it is asked for again", () => {
  const { ahead, parts, drawn, idles, rest } = world(2);
  ahead.start(parts);
  rest(2);
  assert.deepEqual(drawn, []);
  assert.equal(idles.length, 1);
  rest(40);
  assert.deepEqual(drawn, [0]);
});

test("a block is left to the browser again after two frames, its part when all of it is done", () => {
  const { ahead, parts, blocks, rest, paint } = world(2);
  ahead.start(parts);
  rest();
  assert.ok(blocks[0].element.names.has("is-ahead") && parts[0].element.names.has("is-ahead"));
  paint();
  assert.ok(blocks[0].element.names.has("is-ahead"));
  paint();
  assert.ok(!blocks[0].element.names.has("is-ahead") && parts[0].element.names.has("is-ahead"));
  rest();
  paint();
  paint();
  assert.equal(parts[0].element.names.size + blocks[1].element.names.size, 0);
});

test("what changed is done once more, what is hidden is not, and a panel out of sight waits", () => {
  const { ahead, parts, blocks, drawn, idles, rest, reader } = world(3);
  blocks[1].element.hidden = true;
  ahead.start(parts);
  for (let more = 0; more < 5; more += 1) rest();
  assert.deepEqual(drawn, [0, 2]);
  ahead.again([blocks[2]]);
  rest();
  assert.deepEqual(drawn, [0, 2, 2]);
  reader.clientWidth = 0;
  ahead.again();
  rest();
  assert.deepEqual(drawn, [0, 2, 2]);
  assert.equal(idles.length, 0, "it does not ask for ever");
  reader.clientWidth = 500;
  ahead.again();
  rest();
  assert.deepEqual(drawn, [0, 2, 2, 0]);
});

test("while the text is scrolled nothing is done, and it goes on when the text stands still", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { ahead, parts, drawn, rest } = world(2);
  ahead.start(parts);
  ahead.rest();
  rest();
  ahead.again();
  context.mock.timers.tick(200);
  ahead.rest();
  context.mock.timers.tick(200);
  rest();
  assert.deepEqual(drawn, []);
  context.mock.timers.tick(100);
  rest();
  assert.deepEqual(drawn, [0]);
});

test("another document takes nothing over, and stopping leaves nothing behind", () => {
  const { ahead, parts, blocks, drawn, rest, paint } = world(4);
  ahead.start(parts);
  rest();
  ahead.stop();
  rest();
  paint();
  paint();
  assert.deepEqual(drawn, [0]);
  assert.equal(blocks[0].element.names.size + parts[0].element.names.size, 0);
});

test("a browser that never says when it is idle is asked for nothing", () => {
  const { parts, drawn } = world(2);
  const ahead = new Ahead({ draw: () => drawn.push("x"), idle: null, frame: () => {} });
  ahead.start(parts);
  assert.deepEqual(drawn, []);
});
