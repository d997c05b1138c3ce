/* Choosing a code by typing: a field with the matches under it. Knows the codes and nothing else. */

import { h, uniqueName } from "./dom.js";
import { findCodes, folded } from "./finding.js";

const SHOWN = 60;
const [WIDTH, HEIGHT, LEAST] = [380, 300, 150];

/** Opens over the panel; gives the code that was chosen, or the name of one to make, to `pick`. */
export class Picker {
  constructor(host) {
    this.host = host;
    this.list = uniqueName("codes");
    this.title = h("label", { class: "cop-picker-title", for: `${this.list}-field` });
    this.field = h("input", {
      id: `${this.list}-field`,
      class: "cop-field",
      type: "text",
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      "aria-expanded": "true",
      "aria-controls": this.list,
      "aria-autocomplete": "list",
    });
    this.options = h("ul", { id: this.list, class: "cop-options", role: "listbox", "aria-label": "Codes that match" });
    this.hint = h("p", { class: "cop-hint" });
    this.element = h("div", { class: "cop-picker", hidden: true }, this.title, this.field, this.options, this.hint);
    host.append(this.element);
    this.field.addEventListener("input", () => this.find());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.options.addEventListener("mousedown", (event) => event.preventDefault());
    this.options.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.take(Number(option.dataset.place), event.ctrlKey || event.metaKey);
    });
    this.element.addEventListener("focusout", (event) => {
      if (!this.element.contains(event.relatedTarget)) this.close(false);
    });
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** Ask for a code. `make` says whether a new one may be made; `more` whether several may be given in one go. */
  open({ title, codes, recent, paths, near, pick, make = true, more = false, top = null, back }) {
    Object.assign(this, { codes, recent, paths, pick, make, more, topOption: top, back });
    this.title.textContent = title;
    this.hint.textContent = more
      ? "Enter takes it. Ctrl+Enter takes it and asks for another. Esc closes."
      : "Enter takes it. Esc closes.";
    this.field.value = "";
    this.element.hidden = false;
    this.find();
    this.place(near);
    this.field.focus({ preventScroll: true });
  }

  place(near) {
    const outer = this.host.getBoundingClientRect();
    const { style } = this.element;
    // What can be seen of the panel; the words that are being coded stay in it, above or below the list or beside it.
    const [top, bottom] = [Math.max(outer.top, 0) + 6, Math.min(outer.bottom, window.innerHeight) - 6];
    const rooms = { below: bottom - near.bottom - 6, above: near.top - top - 6 };
    const side = rooms.below >= Math.min(HEIGHT, rooms.above) || rooms.below >= HEIGHT ? "below" : "above";
    const beside = rooms[side] < LEAST;
    const height = Math.min(HEIGHT, beside ? bottom - top : rooms[side]);
    style.maxHeight = `${height}px`;
    style.top = style.bottom = "auto";
    if (!beside && side === "above") style.bottom = `${outer.bottom - near.top + 6}px`;
    else style.top = `${(beside ? Math.max(top, bottom - height) : near.bottom + 6) - outer.top}px`;
    const left = beside ? (near.right + 8 + WIDTH <= outer.right ? near.right + 8 : outer.right - WIDTH - 8) : near.left;
    style.left = `${Math.max(8, Math.min(left - outer.left, outer.width - WIDTH))}px`;
  }

  find() {
    const typed = this.field.value.trim();
    const matches = findCodes(this.codes, typed, this.recent, this.paths).slice(0, SHOWN);
    this.rows = matches.map((code) => ({ code }));
    if (this.topOption && !typed) this.rows.unshift({ top: true });
    const exact = matches.some((code) => folded(code.name).trim() === folded(typed));
    if (this.make && typed && !exact) this.rows.push({ name: typed });
    this.at = 0;
    this.draw(typed);
  }

  draw(typed) {
    const rows = this.rows.map((row, place) => {
      const recent = !typed && row.code && this.recent.includes(row.code.id);
      const words = row.top
        ? [this.topOption]
        : row.name !== undefined
          ? [h("b", {}, "Make the code "), `“${row.name}”`]
          : [row.code.name, h("small", {}, [this.paths.get(row.code.id), recent && "recent"].filter(Boolean).map((one) => ` ${one}`))];
      return h(
        "li",
        { role: "option", id: `${this.list}-${place}`, "data-place": place, "aria-selected": place === this.at ? "true" : "false" },
        words,
      );
    });
    if (!rows.length) rows.push(h("li", { role: "option", "aria-disabled": "true", "aria-selected": "false" }, typed ? "No code matches." : "No codes yet: type the name of the first."));
    this.options.replaceChildren(...rows);
    if (this.rows.length) this.field.setAttribute("aria-activedescendant", `${this.list}-${this.at}`);
    else this.field.removeAttribute("aria-activedescendant");
  }

  step(by) {
    if (!this.rows.length) return;
    this.options.children[this.at]?.setAttribute("aria-selected", "false");
    this.at = (this.at + by + this.rows.length) % this.rows.length;
    const option = this.options.children[this.at];
    option.setAttribute("aria-selected", "true");
    this.field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    event.stopPropagation();
    if (event.key === "ArrowDown") this.step(1);
    else if (event.key === "ArrowUp") this.step(-1);
    else if (event.key === "Enter") this.take(this.at, event.ctrlKey || event.metaKey);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
  }

  take(place, again) {
    const row = this.rows[place];
    if (!row) return;
    const pick = this.pick;
    const stay = again && this.more;
    if (!stay) this.close();
    pick(row.top ? { top: true } : row.code ? { code: row.code } : { name: row.name });
    if (stay) {
      this.field.value = "";
      this.find();
    }
  }

  close(focus = true) {
    if (!this.isOpen) return;
    this.element.hidden = true;
    if (focus) this.back?.();
  }
}
