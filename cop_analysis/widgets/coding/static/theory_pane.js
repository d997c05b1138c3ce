/* Versions of the programme theory and the moves between them. */

import { button, choice, h, labelled } from "./dom.js";
import { moment, newIdentifier } from "./outbox.js";

/** The pane of the theory. */
export class TheoryPane {
  constructor(app) {
    this.app = app;
    this.writing = false;
    this.element = h("div", { class: "cop-theory" });
  }

  /** Begin a new version: the form is opened. */
  begin() {
    this.writing = true;
    this.draw();
    this.element.querySelector("[data-key=t-label]")?.focus();
  }

  draw() {
    const { app } = this;
    const versions = app.records.all("theories").sort((a, b) => (a.created < b.created ? -1 : a.created > b.created ? 1 : a.id < b.id ? -1 : 1));
    const label = (identifier) => versions.find((one) => one.id === identifier)?.label ?? identifier;
    app.redraw(this.element, () => [
      button("New version", () => this.begin(), { "data-key": "new-version", disabled: !app.canWrite }),
      this.writing ? this.form(versions) : "",
      versions.length ? "" : h("p", { class: "cop-hint" }, "No version is recorded yet. Begin with the initial programme theory: what the programme offers, to whom, and why that should work."),
      versions.map((one) => h(
        "article",
        { class: "cop-card", "aria-label": one.label },
        h("h3", {}, one.label, h("small", {}, ` ${one.stage}`)),
        one.statement ? h("p", { dir: "auto" }, one.statement) : "",
        one.follows.length ? h("p", {}, `Came out of ${one.follows.map((other) => `“${label(other)}”`).join(" and ")}${one.move ? `: ${one.move}` : ""}${one.inference ? ` (${one.inference})` : ""}.`) : "",
        one.reason ? h("p", { dir: "auto" }, `Why: ${one.reason}`) : "",
        one.configurations.length ? h("p", {}, "Says: ", one.configurations.map((other) => [button(app.records.get("configurations", other)?.label ?? other, () => app.openConfiguration(other), { class: "cop-link" }), " "])) : "",
        one.middle_range ? h("p", { dir: "auto" }, `Leans on: ${one.middle_range}`) : "",
      )),
    ]);
  }

  form(versions) {
    const { app } = this;
    const text = (key, label, rows = 0) => h(rows ? "textarea" : "input", { class: "cop-field", "data-key": key, "aria-label": label, placeholder: label, rows: rows || null, type: rows ? null : "text" });
    const label = text("t-label", "Short name of the version");
    const statement = text("t-statement", "The theory as it stands now", 3);
    const reason = text("t-reason", "Why the theory changed", 2);
    const middle = text("t-middle", "Middle-range theory it leans on, with its source");
    const stage = choice({ key: "t-stage", label: "Stage", value: versions.length ? "tested" : "initial", options: app.words.stages, change: () => {} });
    const move = choice({ key: "t-move", label: "Move", value: null, options: app.words.moves, none: "not said", change: () => {} });
    const inference = choice({ key: "t-inference", label: "Inference", value: null, options: app.words.inferences, none: "not said", change: () => {} });
    const boxes = (key, title, list) => list.length
      ? h("fieldset", {}, h("legend", {}, title), list.map((one) => h("label", {}, h("input", { type: "checkbox", value: one.id, "data-key": `${key}-${one.id}`, name: key }), ` ${one.label}`)))
      : "";
    const follows = boxes("t-follows", "Came out of", versions);
    const says = boxes("t-says", "Configurations that say it", app.records.all("configurations"));
    const ticked = (set) => (set ? [...set.querySelectorAll("input:checked")].map((one) => one.value) : []);
    const store = () => {
      if (!label.value.trim()) {
        app.say("Give the version a short name first.", true);
        label.focus();
        return;
      }
      const made = { id: newIdentifier("theory"), label: label.value.trim(), stage: stage.value, statement: statement.value, follows: ticked(follows), move: move.value || null, inference: inference.value || null, reason: reason.value, configurations: ticked(says), evidence: [], middle_range: middle.value, coder: app.coder, created: moment() };
      this.writing = false;
      for (const field of [label, statement, reason, middle]) field.value = "";
      app.do("record_theory", { ...made }, [["theories", made.id, made]], `the version ${made.label}`);
      app.say(`Version “${made.label}” is recorded.`);
    };
    return h("div", { class: "cop-form", role: "group", "aria-label": "New version of the theory" }, label, h("div", { class: "cop-fields" }, labelled("Stage", stage), labelled("Move", move), labelled("Inference", inference)), statement, follows, reason, says, middle,
      h("div", { class: "cop-row" }, button("Record it", store, { "data-key": "t-store" }), button("Leave it", () => { this.writing = false; for (const field of [label, statement, reason, middle]) field.value = ""; this.draw(); }, { "data-key": "t-leave" })));
  }
}
