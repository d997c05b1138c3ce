/* Blocks drawn and laid out before anybody comes to them, in moments when the browser has nothing else to do. */

const FIRST_GUESS = 6;
const MOST_ASKED = 11;
const REST = 250;

/**
 * Goes through a document's parts and their blocks, from where the reader is to the end and then from the beginning.
 * `draw` draws what is in a block; a block is measured once it is drawn, so that the browser keeps its layout and height.
 * Does nothing in a browser that does not tell when it is idle: there blocks are laid out when they come into view.
 */
export class Ahead {
  constructor({ draw, idle = globalThis.requestIdleCallback?.bind(globalThis), frame = globalThis.requestAnimationFrame?.bind(globalThis) }) {
    this.draw = draw;
    this.idle = idle;
    this.frame = frame;
    this.cost = FIRST_GUESS;
    this.stop();
  }

  stop() {
    clearTimeout(this.resting);
    this.resting = 0;
    for (const part of this.parts ?? []) for (const one of [part, ...part.blocks]) one.element.classList.remove("is-ahead");
    this.parts = [];
    this.blocks = [];
    this.done = new Set();
    this.from = 0;
  }

  start(parts) {
    this.stop();
    this.parts = parts;
    this.blocks = parts.flatMap((part) => part.blocks);
    this.owner = new Map(parts.flatMap((part) => part.blocks.map((block) => [block, part])));
    this.ask();
  }

  /** Some blocks, or all, are to be drawn and measured again when there is time. */
  again(blocks = this.blocks) {
    for (const block of blocks) this.done.delete(block);
    this.ask();
  }

  /** The reader has come to a block: what follows it is done first. */
  reached(place) {
    this.from = place;
  }

  /** The text is being scrolled: until it stands still, all time is that of what comes into view. */
  rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      this.resting = 0;
      this.ask();
    }, REST);
  }

  next() {
    for (let gone = 0; gone < this.blocks.length; gone += 1) {
      const block = this.blocks[(this.from + gone) % this.blocks.length];
      if (!this.done.has(block) && !block.element.hidden) return block;
    }
    return null;
  }

  ask() {
    if (this.asked || this.resting || !this.idle || this.done.size >= this.blocks.length) return;
    this.asked = true;
    this.idle((deadline) => {
      this.asked = false;
      this.take(deadline);
    });
  }

  take(deadline) {
    if (this.resting) return;
    let block = this.next();
    // A panel that is not on show has no heights; it is gone through when it is shown and its size is told.
    if (!block || !block.element.isConnected || !block.element.parentElement.parentElement.clientWidth) return;
    // One at a time: between two, the browser attends to keys.
    if (deadline.timeRemaining() >= Math.min(1.3 * this.cost, MOST_ASKED)) {
      const began = performance.now();
      this.prepare(block);
      this.cost = Math.max(performance.now() - began, this.cost * 0.9);
      block = this.next();
    }
    if (block) this.ask();
  }

  prepare(block) {
    this.done.add(block);
    this.draw(block);
    const part = this.owner.get(block);
    for (const one of [part, block]) one.element.classList.add("is-ahead");
    block.element.getBoundingClientRect();
    // The browser takes note of a height when it draws a frame; after that it may leave the block alone again.
    this.frame(() => this.frame(() => this.letGo(part, block)));
  }

  letGo(part, block) {
    block.element.classList.remove("is-ahead");
    if (part.blocks.every((one) => this.done.has(one) || one.element.hidden)) part.element.classList.remove("is-ahead");
  }
}
