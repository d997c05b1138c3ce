/* The codes as a tree: searched, made, renamed, moved, merged; recent ones first at hand. */

import { button, choice, h, keepInView, savedField } from "./dom.js";
import { findCodes, treeOf, withBelow } from "./finding.js";

/** The pane of the codes. A code that is made, renamed or counted anew touches its own row alone. */
export class CodesPane {
  constructor(app) {
    this.app = app;
    this.rows = new Map();
    this.chosen = null;
    this.search = h("input", {
      class: "cop-field",
      type: "search",
      placeholder: "Search the codes  /",
      "aria-label": "Search the codes",
      oninput: () => this.draw(),
      onkeydown: (event) => {
        if (event.key === "ArrowDown" || event.key === "Enter") {
          const first = this.firstRow();
          if (first) this.choose(first.dataset.code, true);
          event.preventDefault();
        } else if (event.key === "Escape") {
          if (this.search.value) {
            this.search.value = "";
            this.draw();
          } else app.focusText();
          event.preventDefault();
        }
        event.stopPropagation();
      },
    });
    this.maker = button("New code", () => app.run("newCode"), { title: "Make a new code (Shift+N)" });
    this.recent = h("div", { class: "cop-recent", role: "group", "aria-label": "Recent codes" });
    this.tree = h("ul", { class: "cop-tree", role: "tree", "aria-label": "Codes" });
    this.detail = h("div", { class: "cop-detail" });
    this.empty = h("p", { class: "cop-hint" });
    this.element = h(
      "div",
      { class: "cop-codes" },
      h("div", { class: "cop-row" }, this.search, this.maker),
      this.recent,
      this.tree,
      this.empty,
      this.detail,
    );
    this.tree.addEventListener("keydown", (event) => this.key(event));
    this.tree.addEventListener("click", (event) => {
      const row = event.target.closest("[role=treeitem]");
      if (row) this.choose(row.dataset.code, true);
    });
    this.tree.addEventListener("dblclick", (event) => {
      const row = event.target.closest("[role=treeitem]");
      if (row) app.codeWith(row.dataset.code);
    });
  }

  firstRow() {
    return this.tree.querySelector("[role=treeitem]:not([hidden])");
  }

  draw() {
    const { app } = this;
    this.maker.disabled = !app.canWrite;
    const codes = app.records.all("codes");
    const counts = app.counts();
    const typed = this.search.value.trim();
    const matching = typed ? new Set(findCodes(codes, typed).map((code) => code.id)) : null;
    const kept = new Set();
    let place = 0;
    for (const { code, depth } of treeOf(codes)) {
      kept.add(code.id);
      let row = this.rows.get(code.id);
      if (!row) {
        row = this.makeRow(code.id);
        this.rows.set(code.id, row);
      }
      const count = counts.get(code.id) ?? 0;
      const state = app.outbox.stateOf("codes", code.id);
      const filtered = app.filter.code === code.id;
      const written = JSON.stringify([code.name, depth, count, state, filtered, app.initials.get(code.id), app.colours.get(code.id)]);
      if (row.written !== written) {
        row.written = written;
        row.setAttribute("aria-level", depth + 1);
        row.style.setProperty("--depth", depth);
        row.style.setProperty("--code", app.colourOf(code));
        row.replaceChildren(
          h("b", { class: "cop-initials" }, app.initials.get(code.id) ?? ""),
          h("span", { class: "cop-code-name", dir: "auto" }, code.name),
          state ? h("small", {}, " storing") : "",
          filtered ? h("small", {}, " shown alone") : "",
          h("span", { class: "cop-count", "aria-label": count === 1 ? "1 extract" : `${count} extracts` }, count.toLocaleString("en-GB")),
        );
      }
      row.hidden = matching !== null && !matching.has(code.id);
      const there = this.tree.children[place];
      if (there !== row) this.tree.insertBefore(row, there ?? null);
      place += 1;
    }
    for (const [identifier, row] of this.rows) {
      if (!kept.has(identifier)) {
        row.remove();
        this.rows.delete(identifier);
      }
    }
    if (this.chosen && !kept.has(this.chosen)) this.chosen = null;
    this.mark();
    const row = this.rows.get(this.chosen);
    if (row && !row.hidden && this.inView !== this.chosen) keepInView(this.tree, row, 6);
    this.inView = this.chosen;
    const shown = [...this.rows.values()].some((row) => !row.hidden);
    this.empty.textContent = !codes.length
      ? "No codes yet. Select words in the text and press n: the first code is made as you type its name."
      : shown
        ? ""
        : "No code matches.";
    this.tree.hidden = !shown;
    this.drawRecent();
    this.drawDetail();
  }

  makeRow(identifier) {
    return h("li", { role: "treeitem", tabindex: "-1", "data-code": identifier, "aria-selected": "false", class: "cop-code" });
  }

  mark() {
    let tabbed = false;
    for (const [identifier, row] of this.rows) {
      const chosen = identifier === this.chosen;
      row.setAttribute("aria-selected", chosen ? "true" : "false");
      row.tabIndex = chosen && !row.hidden ? 0 : -1;
      tabbed ||= chosen && !row.hidden;
    }
    if (!tabbed) {
      const first = this.firstRow();
      if (first) first.tabIndex = 0;
    }
  }

  choose(identifier, focus = false) {
    this.chosen = identifier;
    this.mark();
    if (focus) this.rows.get(identifier)?.focus();
    this.drawDetail();
  }

  key(event) {
    const rows = [...this.rows.values()].filter((row) => !row.hidden).sort((a, b) =>
      a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1);
    const at = rows.indexOf(event.target);
    if (at < 0) return;
    // A key is about the code it is pressed on, also where another was chosen by what was coded meanwhile.
    if (event.target.dataset.code !== this.chosen) this.choose(event.target.dataset.code);
    const move = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (move !== undefined) {
      const next = rows[Math.max(0, Math.min(move, rows.length - 1))];
      this.choose(next.dataset.code, true);
    } else if (event.key === "Enter") this.app.codeWith(event.target.dataset.code);
    else if (event.key === "F2") this.begin("rename");
    else if (event.key === "Delete" || event.key === "Backspace") this.delete(event.target.dataset.code);
    else if (event.key === "f") this.app.setFilter("code", event.target.dataset.code);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Begin to rename, move, merge or delete the chosen code. */
  begin(verb) {
    const code = this.app.records.get("codes", this.chosen);
    if (!code) return;
    if (verb === "rename") this.detail.querySelector("[data-key^='name']")?.focus();
    else if (verb === "delete") this.delete(code.id);
    else this[verb](code);
  }

  drawRecent() {
    const { app } = this;
    const recent = app.recent.map((one) => app.records.get("codes", one)).filter(Boolean).slice(0, 6);
    const written = recent.map((code) => code.id + code.name).join("\n");
    if (this.recent.dataset.written === written) return;
    this.recent.dataset.written = written;
    this.recent.replaceChildren(
      ...(recent.length ? [h("span", { class: "cop-hint" }, "Recent:")] : []),
      ...recent.map((code) => button(code.name, () => app.codeWith(code.id), { class: "cop-chip", disabled: !app.canWrite })),
    );
  }

  drawDetail() {
    const { app } = this;
    const code = this.chosen && app.records.get("codes", this.chosen);
    app.redraw(this.detail, () => {
      if (!code) return h("p", { class: "cop-hint" }, "Choose a code to rename, move, merge, define or show it alone. Enter on a code gives it to the selection.");
      const disabled = !app.canWrite;
      const change = (field) => (now, was) =>
        app.change("codes", code.id, { [field]: now }, { [field]: was }, `${field} of ${code.name}`, `${field}-${code.id}`);
      return [
        h("h3", {}, "This code"),
        savedField("input", {
          key: `name-${code.id}`,
          label: "Name of the code",
          value: code.name,
          disabled,
          save: (now) => {
            if (now.trim()) app.do("rename_code", { code: code.id, name: now.trim() }, [["codes", code.id, { ...code, name: now.trim() }]], `name of ${code.name}`);
          },
        }),
        h("label", { class: "cop-label-of" }, "What the code means", savedField("textarea", { key: `definition-${code.id}`, label: "What the code means", value: code.definition, disabled, save: change("definition") })),
        this.colourParts(code, disabled),
        choice({ key: `level-${code.id}`, label: "Level", value: code.level, options: app.words.levels, none: "level not said", disabled, change: (level) => app.change("codes", code.id, { level }, { level: code.level }, `level of ${code.name}`) }),
        app.memoField("code", code.id, `Memo on the code ${code.name}`),
        h(
          "div",
          { class: "cop-row" },
          button("Show alone", () => app.setFilter("code", app.filter.code === code.id ? null : code.id), { "data-key": `alone-${code.id}`, "aria-pressed": String(app.filter.code === code.id) }),
          button("Move under…", () => this.move(code), { disabled, "data-key": `move-${code.id}`, title: "Move under… (> in the tree)" }),
          button("Merge into…", () => this.merge(code), { disabled, "data-key": `merge-${code.id}`, title: "Merge into… (= in the tree)" }),
          button("Delete", () => this.delete(code.id), { disabled, "data-key": `delete-${code.id}`, title: "Delete (Del in the tree)" }),
        ),
        this.asking === code.id ? this.question(code) : "",
      ];
    });
  }

  /** The colour of a code: its own, or that of the code above it. */
  colourParts(code, disabled) {
    const { app } = this;
    const give = (colour) => app.change("codes", code.id, { colour }, { colour: code.colour }, `colour of ${code.name}`);
    const field = h("input", { type: "color", "data-key": `colour-${code.id}`, "aria-label": `Colour of ${code.name}`, value: app.colours.get(code.id), disabled, onchange: () => give(field.value) });
    return h("div", { class: "cop-row" },
      h("label", { class: "cop-colour" }, field, " Colour"),
      code.colour ? button(code.parent ? "As the code above it" : "As it comes", () => give(""), { class: "cop-button is-small", disabled, "data-key": `no-colour-${code.id}` }) : h("small", {}, code.parent ? "that of the code above it" : "as it comes"));
  }

  move(code) {
    const { app } = this;
    const below = withBelow(app.records.all("codes"), code.id);
    app.pickCode({
      title: `Put “${code.name}” under`,
      codes: app.records.all("codes").filter((one) => !below.has(one.id)),
      make: false,
      top: "Nothing: it stands at the top",
      near: this.detail,
      pick: ({ code: parent, top }) => {
        const above = top ? null : parent.id;
        app.do("move_code", { code: code.id, parent: above }, [["codes", code.id, { ...code, parent: above }]], `place of ${code.name}`);
      },
    });
  }

  merge(code) {
    const { app } = this;
    const below = withBelow(app.records.all("codes"), code.id);
    app.pickCode({
      title: `Merge “${code.name}” into`,
      codes: app.records.all("codes").filter((one) => !below.has(one.id)),
      make: false,
      near: this.detail,
      pick: ({ code: into }) => {
        app.do("merge_codes", { into: into.id, others: [code.id] }, [], `${code.name} merged into ${into.name}`);
        this.choose(into.id);
      },
    });
  }

  delete(identifier) {
    const { app } = this;
    const code = app.records.get("codes", identifier);
    if (!code || !app.canWrite) return;
    const used = app.records.all("extracts").some((one) => one.code === identifier);
    const isAbove = app.records.all("codes").some((one) => one.parent === identifier);
    if (!used && !isAbove) {
      app.do("delete_code", { code: identifier }, [["codes", identifier, null]], `${code.name} deleted`);
      return;
    }
    this.chosen = this.asking = identifier;
    this.drawDetail();
    this.detail.querySelector(".cop-question button")?.focus();
  }

  question(code) {
    const { app } = this;
    const count = app.records.all("extracts").filter((one) => one.code === code.id).length;
    const done = () => {
      this.asking = null;
      this.drawDetail();
    };
    return h(
      "div",
      { class: "cop-question", role: "group", "aria-label": "What becomes of what uses it" },
      h("p", {}, `“${code.name}” is in use (${count.toLocaleString("en-GB")} extracts). Codes below it move up. Its extracts:`),
      h(
        "div",
        { class: "cop-row" },
        button("Keep the code", done),
        button("Give them another code…", () => {
          done();
          app.pickCode({
            title: `The extracts of “${code.name}” get`,
            codes: app.records.all("codes").filter((one) => one.id !== code.id),
            make: false,
            near: this.detail,
            pick: ({ code: heir }) => app.do("delete_code", { code: code.id, extracts: heir.id, children: "move up" }, [], `${code.name} deleted`),
          });
        }),
        button("Delete them too", () => {
          done();
          app.do("delete_code", { code: code.id, extracts: "delete", children: "move up" }, [], `${code.name} deleted`);
        }, { class: "cop-button is-grave" }),
      ),
    );
  }
}
