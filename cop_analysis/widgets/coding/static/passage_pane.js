/* The chosen extract: its words, code and memo, what it is evidence for; and the memo on the document. */

import { button, h, savedField } from "./dom.js";

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
      app.lost.length
        ? h("div", { class: "cop-warning" }, h("p", {}, `${app.lost.length} extracts no longer stand where they were coded:`), h("ul", {}, app.lost.slice(0, 20).map((one) => h("li", { dir: "auto" }, `${app.nameOf(one.code)}: “${one.quote}”`))))
        : "",
      app.memoField("document", app.document, "Memo on this document"),
    ];
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
