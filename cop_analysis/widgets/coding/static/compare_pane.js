/* Two coders side by side: where they differ, one passage after the other, each settled with its reason. */

import { button, choice, h, labelled } from "./dom.js";
import { clipped } from "./offsets.js";
import { moment, newIdentifier } from "./outbox.js";
import { disagreements } from "./theory_words.js";

/** The pane that compares two coders. */
export class ComparePane {
  constructor(app) {
    this.app = app;
    this.pair = ["", ""];
    this.at = 0;
    this.open = true;
    this.element = h("div", { class: "cop-compare" });
  }

  /** The two coders, as long as both are there. */
  coders() {
    const known = this.app.records.all("coders").map((one) => one.id);
    const [first, second] = this.pair;
    if (!known.includes(first)) this.pair[0] = known.includes(this.app.coder) ? this.app.coder : (known[0] ?? "");
    if (!known.includes(second) || this.pair[1] === this.pair[0]) this.pair[1] = known.find((one) => one !== this.pair[0]) ?? "";
    return this.pair;
  }

  list() {
    const { app } = this;
    const [first, second] = this.coders();
    if (!first || !second) return [];
    const settled = new Set(app.records.all("decisions").filter((one) => one.about === "extract").map((one) => one.target));
    return disagreements(app.records.all("extracts"), first, second, settled);
  }

  /** Whether of the two only the one who gave an extract gave its code to these words. */
  isAlone(extract) {
    const [first, second] = this.coders();
    if (!second || this.app.blind) return false;
    const other = extract.coder === first ? second : first;
    return !this.app.records.all("extracts").some((one) => one.coder === other && one.code === extract.code && one.document === extract.document && one.start < extract.end && one.end > extract.start);
  }

  step(by) {
    if (this.app.blind) {
      this.app.say("You are coding blind: turn that off (key b) to compare.");
      return;
    }
    const waiting = this.waiting();
    if (!waiting.length) {
      this.app.say("No disagreement waits.");
      return;
    }
    this.at = (this.at + by + waiting.length) % waiting.length;
    this.show(waiting[this.at]);
  }

  waiting() {
    return this.list().filter((one) => !one.settled);
  }

  show(one) {
    this.app.goToExtract(one.extract.id, false);
    this.draw();
  }

  draw() {
    const { app } = this;
    const first = app.blind ? null : this.waiting()[this.at];
    if (!first) this.spokenOf = null;
    else if (this.spokenOf !== first.extract.id) {
      // The text shows the passage that is spoken of.
      this.spokenOf = first.extract.id;
      setTimeout(() => app.tab === "compare" && app.goToExtract(first.extract.id, false), 0);
    }
    app.redraw(this.element, () => {
      const coders = app.records.all("coders");
      const merged = this.conflicts();
      if (app.blind) return [merged, h("p", { class: "cop-hint" }, "You are coding blind: what others coded is hidden. Turn that off (key b) to compare.")];
      if (coders.length < 2) return [merged, h("p", { class: "cop-hint" }, "Comparing needs two coders. A second one chooses their name at the top of the panel, in this notebook or in their own.")];
      const [first, second] = this.coders();
      const all = this.list();
      const waiting = all.filter((one) => !one.settled);
      this.at = Math.max(0, Math.min(this.at, waiting.length - 1));
      const options = coders.map((one) => [one.id, one.name || one.id]);
      const head = h("div", { class: "cop-fields" },
        labelled("First coder", choice({ key: "first", label: "First coder", value: first, options, change: (one) => { this.pair[0] = one; this.at = 0; app.compareChanged(); } })),
        labelled("Second coder", choice({ key: "second", label: "Second coder", value: second, options, change: (one) => { this.pair[1] = one; this.at = 0; app.compareChanged(); } })),
      );
      const said = h("p", { role: "status" }, all.length
        ? `${waiting.length} of ${all.length} disagreements wait; ${all.length - waiting.length} settled.`
        : "They do not differ in any document both have coded.");
      if (!waiting.length) return [merged, head, said, this.decisions()];
      return [
        merged,
        head,
        said,
        h("div", { class: "cop-row" }, button("‹ Before", () => this.step(-1), { "data-key": "before", "aria-label": "Disagreement before", title: "Disagreement before (,)" }), h("b", {}, `${this.at + 1} of ${waiting.length}`), button("Next ›", () => this.step(1), { "data-key": "next", "aria-label": "Next disagreement", title: "Next disagreement (.)" })),
        this.card(waiting[this.at], first, second),
        this.decisions(),
      ];
    });
  }

  card(one, first, second) {
    const { app } = this;
    const disabled = !app.canWrite;
    const mine = one.extract;
    const other = mine.coder === first ? second : first;
    // The passage is written once; a reading repeats words only where it took others.
    const reading = (coder) => {
      const theirs = coder === mine.coder ? [mine] : one.others;
      return h("div", { class: "cop-reading" }, h("h3", {}, app.coderName(coder)), theirs.length
        ? h("ul", {}, theirs.map((extract) => h("li", { dir: "auto" }, h("b", {}, app.nameOf(extract.code)), extract.start === mine.start && extract.end === mine.end ? "" : h("small", {}, ` “${clipped(extract.quote, 120)}”`))))
        : h("p", {}, "did not code these words."));
    };
    const reason = h("textarea", { class: "cop-field", rows: 2, "data-key": `why-${mine.id}`, "aria-label": "Why it was settled so", placeholder: "The reason is kept with the decision", disabled });
    const settle = (outcome) => {
      if (!reason.value.trim()) {
        app.say("Write the reason first: it is what a reader will want to know.", true);
        reason.focus();
        return;
      }
      const created = moment();
      const decision = { id: newIdentifier("d"), what: "", reason: reason.value.trim(), alternatives: "", about: "extract", target: mine.id, coders: [first, second], created };
      const shown = [["decisions", decision.id, decision]];
      const twin = newIdentifier("x");
      if (outcome === "remove") shown.push(["extracts", mine.id, null]);
      if (outcome === "accept") shown.push(["extracts", twin, { ...mine, id: twin, coder: other, created, memo: "" }]);
      reason.value = "";
      app.do("resolve", { id: decision.id, extract: mine.id, outcome, reason: decision.reason, coders: [first, second], twin, created }, shown, "the decision");
      app.say("Settled. The reason is kept.");
      const waiting = this.waiting();
      if (waiting.length) this.show(waiting[Math.min(this.at, waiting.length - 1)]);
    };
    return h("div", { class: "cop-card", role: "group", "aria-label": "Disagreement" },
      h("blockquote", { dir: "auto" }, clipped(mine.quote, 400)),
      h("p", {}, button(`See it in the text of ${one.document}`, () => this.show(one), { class: "cop-link", "data-key": "see" })),
      h("div", { class: "cop-sides" }, reading(first), reading(second)),
      labelled("Why it is settled so", reason),
      h("div", { class: "cop-row" },
        button(`Both: ${app.nameOf(mine.code)}`, () => settle("accept"), { disabled, "data-key": "accept" }),
        button(`Take ${app.nameOf(mine.code)} away`, () => settle("remove"), { disabled, "data-key": "remove" }),
        button("Agree to differ", () => settle("differ"), { disabled, "data-key": "differ" }),
      ),
    );
  }

  /** What merging two codings left to be decided. */
  conflicts() {
    const { app } = this;
    if (!app.conflicts.length) return "";
    const settle = (conflict, choice) => app.do("settle", { conflict, choice }, [], "the conflict");
    return [h("h3", {}, `Conflicts of a merge (${app.conflicts.length})`), h("ul", {}, app.conflicts.map((one) => h("li", { dir: "auto" }, one.sentence, h("div", { class: "cop-row" },
      button("Keep what was kept", () => settle(one.conflict, "kept"), { disabled: !app.canWrite, class: "cop-button is-small", "data-key": `kept-${one.conflict}` }),
      button("Take the other", () => settle(one.conflict, "other"), { disabled: !app.canWrite, class: "cop-button is-small", "data-key": `other-${one.conflict}` })))))];
  }

  decisions() {
    const made = this.app.records.all("decisions").filter((one) => one.coders.length > 1).sort((a, b) => (a.created < b.created ? 1 : -1)).slice(0, 20);
    if (!made.length) return "";
    return [h("h3", {}, "Decisions"), h("ul", {}, made.map((one) => h("li", { dir: "auto" }, `${one.what} `, h("small", {}, `${one.reason}`))))];
  }
}
