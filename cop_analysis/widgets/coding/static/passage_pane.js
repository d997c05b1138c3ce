/* The chosen extract: its words, code and memo, what it is evidence for; and the memo on the document. */

import { button, h, savedField } from "./dom.js";
import { clipped } from "./offsets.js";

/** The pane of one passage. */
export class PassagePane {
  constructor(app) {
    this.app = app;
    this.element = h("div", { class: "cop-passage" });
  }

  draw() {
    this.app.redraw(this.element, () => [...this.extractParts(), ...this.documentParts()]);
  }

  extractParts() {
    const { app } = this;
    const extract = app.chosenExtract();
    if (!extract) {
      return [
        h("h3", {}, "Passage"),
        h("p", { class: "cop-hint" }, "Choose a coded passage: click its words or its label, or step through them with ] and [."),
      ];
    }
    const disabled = !app.canWrite;
    const code = app.records.get("codes", extract.code);
    const links = app.records.all("evidence").filter((one) => one.extract === extract.id && app.mayShow(one));
    const state = app.outbox.stateOf("extracts", extract.id);
    return [
      h("h3", {}, "Passage"),
      h("blockquote", { dir: "auto" }, extract.quote),
      h("p", {}, h("b", {}, code?.name ?? extract.code), h("small", {}, ` coded by ${app.coderName(extract.coder)}${extract.created ? `, ${extract.created.slice(0, 10)}` : ""}${state === "late" ? "; not stored yet" : state ? "; storing" : ""}`)),
      h(
        "div",
        { class: "cop-row" },
        button("Another code…", () => app.run("recode"), { disabled, "data-key": "recode" }),
        button("Code the same words again…", () => app.codeSameWords(extract), { disabled, "data-key": "again" }),
        button("Delete", () => app.run("delete"), { disabled, "data-key": "delete" }),
      ),
      h("label", { class: "cop-label-of" }, "Memo on this extract",
        savedField("textarea", {
          key: `memo-${extract.id}`,
          label: "Memo on this extract",
          value: extract.memo,
          rows: 3,
          disabled,
          save: (memo, was) => app.change("extracts", extract.id, { memo }, { memo: was }, "the memo", `memo-${extract.id}`),
        }),
      ),
      h("h3", {}, "Evidence"),
      links.length
        ? h("ul", {}, links.map((link) => h("li", {}, `${link.stance} `, button(app.records.get("configurations", link.configuration)?.label ?? link.configuration, () => app.openConfiguration(link.configuration), { class: "cop-link" }), link.slot ? ` as ${link.slot}` : "")))
        : h("p", { class: "cop-hint" }, "Not taken into a configuration yet."),
      button("Take it into a configuration", () => app.run("take"), { disabled, "data-key": "take" }),
      this.asking === extract.id ? this.question(extract, links) : "",
    ];
  }

  documentParts() {
    const { app } = this;
    if (!app.document) return [];
    return [
      h("h3", {}, "This document"),
      ...this.carriedParts(),
      ...this.lostParts(),
      this.correcting ? this.correctingForm() : button("Correct the words of this turn…", () => app.run("correct"), { disabled: !app.canWrite, "data-key": "correct" }),
      app.memoField("document", app.document, "Memo on this document"),
    ];
  }

  /** What became of the extracts when the text was corrected. */
  carriedParts() {
    const { carried, document: here } = this.app;
    if (!carried || carried.document !== here) return [];
    const reworded = carried.moved.filter((one) => one.before !== one.quote);
    return [h("div", { class: "cop-card", role: "group", "aria-label": "What became of the coding" },
      h("p", { role: "status" }, carried.sentence),
      reworded.length ? h("details", {}, h("summary", {}, `${reworded.length} with corrected words`), h("ul", {}, reworded.map((one) => h("li", { dir: "auto" }, `“${clipped(one.before, 160)}” is now `, button(`“${clipped(one.quote, 160)}”`, () => this.app.goToExtract(one.extract), { class: "cop-link" }))))) : "",
      button("Close", () => {
        this.app.carried = null;
        this.draw();
      }, { class: "cop-button is-small", "data-key": "carried-close" }))];
  }

  /** Extracts that stand nowhere in the text wait for a person to place them. */
  lostParts() {
    const { app } = this;
    // While the text itself waits to have its coding carried over, that comes first.
    const lost = app.texts.get(app.document)?.changed ? [] : app.lostHere();
    if (!lost.length) return [];
    const why = new Map((app.carried?.lost ?? []).map((one) => [one.extract, one.reason]));
    return [h("div", { class: "cop-warning", role: "group", "aria-label": "Passages without a place" },
      h("p", {}, `${lost.length === 1 ? "One passage has" : `${lost.length.toLocaleString("en-GB")} passages have`} no place in this text. Select the words ${lost.length === 1 ? "it" : "one of them"} is about, then press “Place it there”${lost.length === 1 ? "" : " beside it"}.`),
      h("ul", {}, lost.map((one) => h("li", { dir: "auto" }, h("b", {}, app.nameOf(one.code)), `: “${clipped(one.quote, 200)}” `, why.get(one.id) ? h("small", {}, `${why.get(one.id)} `) : "",
        h("div", { class: "cop-row" },
          button("Place it there", () => app.placeLost(one), { class: "cop-button is-small", disabled: !app.canWrite, "data-key": `place-${one.id}` }),
          button("Delete it", () => app.deleteExtract(one), { class: "cop-button is-small", disabled: !app.canWrite, "data-key": `drop-${one.id}` }))))))];
  }

  /** Begin to correct the words of the turn one is at. */
  correct() {
    const { app } = this;
    const turn = app.reader.turns[app.reader.current];
    if (!turn) {
      app.say("There is no turn to correct here.", true);
      return;
    }
    const { offsets } = app.reader;
    this.correcting = { document: app.document, place: turn.place, start: offsets.toPoint(turn.speech), end: offsets.toPoint(turn.end, true), was: app.reader.text.slice(turn.speech, turn.end) };
    this.draw();
    app.focusField(this.correctingKey());
  }

  correctingKey() {
    return `correct-${this.correcting.document}-${this.correcting.start}`;
  }

  correctingForm() {
    const { app } = this;
    const { document: of, place, start, end, was } = this.correcting;
    const key = this.correctingKey();
    const field = h("textarea", { class: "cop-field", rows: 7, dir: "auto", "data-key": key, "aria-label": `The words of turn ${place + 1}` });
    field.defaultValue = was;
    field.value = was;
    const done = () => {
      this.correcting = null;
      this.draw();
      app.focusText();
    };
    const store = () => {
      const words = field.value.trim();
      field.value = field.defaultValue = words;
      if (words !== was) app.do("correct", { document: of, start, end, was, words }, [], `the correction of turn ${place + 1}`, { key, value: words });
      done();
    };
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      store();
    });
    return h("div", { class: "cop-form", role: "group", "aria-label": "Correct the text" },
      h("p", {}, `Turn ${place + 1} of ${of}. The document's file is corrected, and what is coded in it stays with its words.`),
      field,
      h("div", { class: "cop-row" }, button("Store the correction", store, { class: "cop-button is-main", "data-key": "correct-store" }), button("Leave it as it was", () => {
        field.value = field.defaultValue;
        done();
      }, { "data-key": "correct-cancel" })));
  }

  ask(extract) {
    this.asking = extract;
    this.draw();
    this.element.querySelector(".cop-question button")?.focus();
  }

  question(extract, links) {
    const { app } = this;
    const done = () => {
      this.asking = null;
      this.draw();
    };
    return h(
      "div",
      { class: "cop-question", role: "group", "aria-label": "Delete the extract" },
      h("p", {}, `This extract is evidence in ${links.length === 1 ? "one place" : `${links.length} places`}. Delete it with its links?`),
      h("div", { class: "cop-row" }, button("Keep it", done), button("Delete both", () => {
        done();
        app.deleteExtract(extract, true);
      }, { class: "cop-button is-grave" })),
    );
  }
}
