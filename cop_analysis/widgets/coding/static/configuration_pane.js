/* Building configurations beside the text: slots, statement, evidence, ripples, rivals, gaps, what to ask whom. */

import { button, choice, h, labelled, savedField } from "./dom.js";
import { clipped } from "./offsets.js";
import { moment, newIdentifier } from "./outbox.js";
import { draftSentence, gapsOf } from "./theory_words.js";

function capital(word) {
  return word[0].toUpperCase() + word.slice(1);
}

/** The pane of configurations. */
export class ConfigurationPane {
  constructor(app) {
    this.app = app;
    this.current = null;
    this.naming = false;
    this.element = h("div", { class: "cop-configurations" });
    this.asked = [];
  }

  get chosen() {
    return this.app.records.get("configurations", this.current) ?? null;
  }

  choose(identifier) {
    this.current = identifier;
    this.naming = false;
    this.draw();
  }

  /** Begin a new one: its name is asked for in the pane. */
  begin() {
    this.naming = true;
    this.draw();
    this.element.querySelector("[data-key=new-name]")?.focus();
  }

  draw() {
    const { app } = this;
    const all = app.records.all("configurations").sort((a, b) => a.label.localeCompare(b.label));
    if (!this.chosen && all.length && !this.naming) this.current = all[0].id;
    app.redraw(this.element, () => [
      h(
        "div",
        { class: "cop-row is-one" },
        choice({ key: "which", label: "Configuration", value: this.current, options: all.map((one) => [one.id, one.label]), none: all.length ? null : "none yet", change: (one) => this.choose(one) }),
        button("New", () => this.begin(), { "data-key": "new", "aria-label": "New configuration", title: "New configuration (c)", disabled: !app.canWrite }),
      ),
      this.naming ? this.nameForm() : "",
      this.chosen ? this.builder(this.chosen) : this.naming ? "" : h("p", { class: "cop-hint" }, "A configuration says what works for whom, in what circumstances and why: a context, a mechanism (what is offered, and how people respond to it) and an outcome. Make one, then put passages into its slots."),
    ]);
  }

  nameForm() {
    const { app } = this;
    const field = h("input", { class: "cop-field", type: "text", "data-key": "new-name", "aria-label": "Short name of the configuration", placeholder: "Short name, such as: A name to ring" });
    const schema = choice({ key: "new-schema", label: "Written as", value: "CMO", options: Object.entries(app.words.schemas).map(([name, one]) => [name, `${name}: ${one.title}`]), change: () => {} });
    const make = () => {
      const label = field.value.trim();
      if (!label) {
        app.say("Give the configuration a short name first.", true);
        field.focus();
        return;
      }
      const made = { id: newIdentifier("cmo", label), label, schema: schema.value, statement: "", level: null, for_whom: "", activation: null, slots: [], rivals: [], measures: [], theme: "", otherwise: "", confidence: null };
      this.naming = false;
      this.current = made.id;
      app.do("add_configuration", { id: made.id, label, schema: made.schema }, [["configurations", made.id, made]], `the configuration ${label}`);
      app.say(`Configuration “${label}” made. Choose a passage in the text and put it into a slot.`);
      app.focusText();
    };
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") make();
      if (event.key === "Escape") {
        this.naming = false;
        this.draw();
      }
    });
    return h("div", { class: "cop-form", role: "group", "aria-label": "New configuration" }, field, schema, h("div", { class: "cop-row" }, button("Make it", make, { "data-key": "make" }), button("Leave it", () => { this.naming = false; this.draw(); }, { "data-key": "leave" })));
  }

  evidenceOf(one) {
    return this.app.records.all("evidence").filter((link) => link.configuration === one.id && this.app.mayShow(link));
  }

  builder(one) {
    const { app } = this;
    const disabled = !app.canWrite;
    const roles = app.words.schemas[one.schema]?.roles ?? [];
    const links = this.evidenceOf(one);
    const set = (field, words) => (now, was) => app.change("configurations", one.id, { [field]: now }, { [field]: was }, words, `${field}-${one.id}`);
    const draft = draftSentence(one, (code) => app.nameOf(code));
    return [
      this.chosenPassage(one),
      labelled("Short name", savedField("input", { key: `label-${one.id}`, label: "Short name", value: one.label, disabled, save: set("label", "the name") })),
      h("h3", {}, "Slots"),
      ...roles.map((role) => this.slot(one, role, links.filter((link) => link.slot === role.key), disabled)),
      h("h3", {}, "Configured statement"),
      savedField("textarea", { key: `statement-${one.id}`, label: "Configured statement", value: one.statement, rows: 4, disabled, save: set("statement", "the statement") }),
      draft && draft !== one.statement.trim()
        ? h("div", { class: "cop-draft" }, h("p", { dir: "auto" }, h("b", {}, "Draft from the slots: "), draft), button(one.statement.trim() ? "Replace the statement by it" : "Begin with it", () => {
            // Leaving a slot's field to press this has just changed what the draft says.
            const now = this.now(one);
            app.change("configurations", one.id, { statement: draftSentence(now, (code) => app.nameOf(code)) }, { statement: now.statement }, "the statement");
          }, { disabled, "data-key": `draft-${one.id}` }))
        : "",
      labelled("For whom", savedField("input", { key: `for_whom-${one.id}`, label: "For whom", value: one.for_whom, disabled, save: set("for_whom", "for whom") })),
      labelled("Outcome where the mechanism does not fire", savedField("textarea", { key: `otherwise-${one.id}`, label: "Outcome where the mechanism does not fire", value: one.otherwise, rows: 2, disabled, save: set("otherwise", "the outcome otherwise") })),
      h("div", { class: "cop-fields" },
        labelled("Level", choice({ key: `level-${one.id}`, label: "Level", value: one.level, options: app.words.levels, none: "not said", disabled, change: (level) => app.change("configurations", one.id, { level }, { level: one.level }, "the level") })),
        labelled("How sure the team is", choice({ key: `confidence-${one.id}`, label: "How sure the team is", value: one.confidence, options: app.words.appraisals, none: "not said", disabled, change: (confidence) => app.change("configurations", one.id, { confidence }, { confidence: one.confidence }, "the confidence") })),
      ),
      this.whole(one, links.filter((link) => !link.slot), disabled),
      this.gaps(one, links, roles, disabled),
      this.relations(one, disabled),
      app.memoField("configuration", one.id, "Memo on this configuration"),
    ];
  }

  chosenPassage(one) {
    const extract = this.app.chosenExtract();
    if (!extract) return h("p", { class: "cop-hint" }, "No passage is chosen. Choose one in the text (click it, or ] and [), then put it into a slot here.");
    return h("p", { class: "cop-taking", dir: "auto" }, h("b", {}, `${this.app.nameOf(extract.code)}: `), `“${clipped(extract.quote, 140)}”`, h("small", {}, ` is the chosen passage for “${one.label}”.`));
  }

  slot(one, role, links, disabled) {
    const { app } = this;
    const slot = one.slots.find((held) => held.role === role.key) ?? { role: role.key, codes: [], wording: "" };
    const filled = slot.codes.length > 0 || slot.wording.trim();
    return h(
      "section",
      { class: `cop-slot ${filled ? "" : "is-open"}`, "aria-label": role.title },
      h("div", { class: "cop-row" }, h("h4", {}, role.title), h("small", {}, filled ? "" : "open"), this.takers(one, role.key, role.title, disabled)),
      slot.codes.length
        ? h("div", { class: "cop-chips" }, slot.codes.map((code) => h("span", { class: "cop-chip" }, app.nameOf(code), button("×", () => this.emptySlot(one, role.key, code), { "aria-label": `Take ${app.nameOf(code)} out of ${role.title}`, disabled, class: "cop-x", "data-key": `x-${role.key}-${code}` }))))
        : "",
      savedField("input", {
        key: `slot-${one.id}-${role.key}`,
        label: `${role.title} in your own words`,
        hint: "In your own words",
        placeholder: "in your own words",
        value: slot.wording,
        disabled,
        save: (wording, was) => {
          const slots = one.slots.some((held) => held.role === role.key)
            ? one.slots.map((held) => (held.role === role.key ? { ...held, wording } : held))
            : [...one.slots, { role: role.key, codes: [], wording }];
          app.do("reword_slot", { configuration: one.id, role: role.key, wording, was }, [["configurations", one.id, { ...this.now(one), slots }]], `the wording of ${role.title.toLowerCase()}`, { key: `slot-${one.id}-${role.key}`, value: wording });
        },
      }),
      links.map((link) => this.evidence(link, disabled)),
    );
  }

  now(one) {
    return this.app.records.get("configurations", one.id) ?? one;
  }

  /** Three ways to put the chosen passage in: what it does to the configuration is said with it. */
  takers(one, role, title, disabled) {
    const idle = disabled || !this.app.chosenExtract();
    return h(
      "span",
      { class: "cop-takers", role: "group", "aria-label": `Put the passage into ${title}` },
      this.app.words.stances.map((stance) => button(stance, () => this.take(one, role, stance), { "data-key": `take-${role ?? "whole"}-${stance}`, title: `The chosen passage ${stance} this`, disabled: idle, class: "cop-button is-small" })),
    );
  }

  whole(one, links, disabled) {
    return h(
      "section",
      { class: "cop-slot", "aria-label": "The configuration as a whole" },
      h("div", { class: "cop-row" }, h("h4", {}, "As a whole"), this.takers(one, null, "the whole", disabled)),
      links.map((link) => this.evidence(link, disabled)),
    );
  }

  /** Take the chosen extract into a slot, or as evidence for the whole. What refutes fills no slot. */
  take(one, role, stance) {
    const { app } = this;
    const extract = app.chosenExtract();
    if (!extract) {
      app.say("Choose a coded passage in the text first.", true);
      return;
    }
    if (this.evidenceOf(one).some((link) => link.extract === extract.id && link.slot === role)) {
      app.say("That passage is in this slot already.", true);
      return;
    }
    const link = { id: newIdentifier("e"), extract: extract.id, configuration: one.id, stance, slot: role, inference: null, relevance: null, richness: null, rigour: null, reason: "", coder: app.coder, created: moment() };
    const shown = [["evidence", link.id, link]];
    if (role && stance !== "refutes") {
      const now = this.now(one);
      const held = now.slots.find((slot) => slot.role === role) ?? { role, codes: [], wording: "" };
      const slot = { ...held, codes: [...new Set([...held.codes, extract.code])] };
      shown.push(["configurations", one.id, { ...now, slots: [...now.slots.filter((other) => other.role !== role), slot] }]);
    }
    app.do("take", { ...link }, shown, "the evidence");
    app.say(`Taken as evidence that ${stance} ${role ? `the ${role}` : "the whole"}.`);
    // The buttons are drawn anew; the hand goes on to say how the passage leads there.
    requestAnimationFrame(() => setTimeout(() => app.focusField(`inference-${link.id}`), 0));
  }

  emptySlot(one, role, code) {
    const now = this.now(one);
    const slots = now.slots.map((slot) => (slot.role === role ? { ...slot, codes: slot.codes.filter((held) => held !== code) } : slot)).filter((slot) => slot.codes.length || slot.wording);
    this.app.do("empty_slot", { configuration: one.id, role, codes: [code] }, [["configurations", one.id, { ...now, slots }]], "the slot");
  }

  evidence(link, disabled) {
    const { app } = this;
    const extract = app.records.get("extracts", link.extract);
    const set = (field) => (value) => app.change("evidence", link.id, { [field]: value }, { [field]: link[field] }, field);
    const graded = (field) => labelled(capital(field), choice({ key: `${field}-${link.id}`, label: capital(field), value: link[field], options: app.words.appraisals, none: "not said", disabled, change: set(field) }));
    const state = app.outbox.stateOf("evidence", link.id);
    return h(
      "div",
      { class: `cop-evidence is-${link.stance}`, role: "group", "aria-label": `Evidence: ${link.stance}` },
      h("p", { dir: "auto" }, button(extract ? `“${clipped(extract.quote, 160)}”` : link.extract, () => app.goToExtract(link.extract), { class: "cop-link", "data-key": `go-${link.id}` }), h("small", {}, ` ${extract?.document ?? ""}${state ? (state === "late" ? ", not stored yet" : ", storing") : ""}`)),
      h(
        "div",
        { class: "cop-fields" },
        labelled("Stance", choice({ key: `stance-${link.id}`, label: "Stance", value: link.stance, options: app.words.stances, disabled, change: (stance) => stance && app.change("evidence", link.id, { stance }, { stance: link.stance }, "the stance") })),
        labelled("Inference", choice({ key: `inference-${link.id}`, label: "Inference", value: link.inference, options: app.words.inferences, none: "not said", disabled, change: set("inference") })),
        graded("relevance"),
        graded("richness"),
        graded("rigour"),
      ),
      h("div", { class: "cop-row" },
        savedField("input", { key: `reason-${link.id}`, label: "Reason", hint: "Why it says so", placeholder: "Why it says so", value: link.reason, disabled, save: (reason, was) => app.change("evidence", link.id, { reason }, { reason: was }, "the reason", `reason-${link.id}`) }),
        button("Take out", () => app.do("unlink", { evidence: link.id }, [["evidence", link.id, null]], "the evidence"), { disabled, class: "cop-button is-small", "data-key": `out-${link.id}` }),
      ),
    );
  }

  gaps(one, links, roles, disabled) {
    const { app } = this;
    const here = gapsOf(one, links, (extract) => app.records.get("extracts", extract)?.document ?? "", roles);
    const rows = app.gapRows.filter((row) => row.configuration === one.id);
    const asks = new Map(rows.map((row) => [row.gap, row]));
    if (asks.has("one organisation's voice only")) here.push({ gap: "one organisation's voice only", said: `${asks.get("one organisation's voice only").found} is heard.` });
    const questions = app.records.all("questions").filter((question) => question.configurations.includes(one.id));
    return h(
      "section",
      { class: "cop-slot", "aria-label": "Gaps" },
      h("h3", {}, here.length ? `Gaps (${here.length})` : "No gaps"),
      h("ul", { class: "cop-gaps" }, here.map(({ gap, said }) => {
        const ask = asks.get(gap);
        return h("li", {}, h("b", {}, gap), ` ${said}`, ask && h("div", { class: "cop-ask" }, h("span", { dir: "auto" }, `Ask: ${ask.ask}${ask.whom ? ` Whom: ${ask.whom}.` : ""}`), button("Record the question", () => this.record(one, ask.ask, ask.whom), { disabled: disabled || questions.some((question) => question.wording === ask.ask), class: "cop-button is-small", "data-key": `ask-${gap}` })));
      })),
      h("h4", {}, "What to ask whom next"),
      questions.length ? h("ul", {}, questions.map((question) => h("li", { dir: "auto" }, `${question.wording}${question.whom ? ` (${question.whom})` : ""}${question.purpose ? `, to ${question.purpose}` : ""}${question.documents.length ? `; asked in ${question.documents.join(", ")}` : "; not asked yet"}`))) : h("p", { class: "cop-hint" }, "No question is recorded yet."),
      this.questionForm(one, disabled),
    );
  }

  questionForm(one, disabled) {
    const { app } = this;
    const wording = h("input", { class: "cop-field", type: "text", "data-key": `q-${one.id}`, "aria-label": "A question", placeholder: "Another question", disabled });
    const purpose = choice({ key: `purpose-${one.id}`, label: "What the question is for", value: null, options: app.words.purposes.map((word) => [word, `to ${word}`]), none: "what for?", disabled, change: () => {} });
    const whom = h("input", { class: "cop-field", type: "text", "data-key": `whom-${one.id}`, "aria-label": "Whom to ask", placeholder: "Whom", disabled });
    const store = () => {
      if (!wording.value.trim()) {
        app.say("Write the question first.", true);
        wording.focus();
        return;
      }
      const [said, asked] = [wording.value.trim(), whom.value.trim()];
      wording.value = whom.value = "";
      this.record(one, said, asked, purpose.value || null);
    };
    for (const field of [wording, whom]) field.addEventListener("keydown", (event) => event.key === "Enter" && store());
    return h("div", { class: "cop-form", role: "group", "aria-label": "Record a question" }, wording, h("div", { class: "cop-row" }, whom, purpose, button("Record", store, { disabled, "data-key": `record-${one.id}` })));
  }

  record(one, wording, whom, purpose = null) {
    const { app } = this;
    const made = { id: newIdentifier("q"), wording, configurations: [one.id], theories: [], purpose, whom, documents: [], coder: app.coder, created: moment() };
    app.do("ask", { ...made }, [["questions", made.id, made]], "the question");
    app.say("The question is recorded.");
  }

  relations(one, disabled) {
    const { app } = this;
    const others = app.records.all("configurations").filter((other) => other.id !== one.id).map((other) => [other.id, other.label]);
    const label = (identifier) => app.records.get("configurations", identifier)?.label ?? identifier;
    const ripples = app.records.all("ripples").filter((ripple) => ripple.source === one.id || ripple.target === one.id);
    const rivals = [...new Set([...one.rivals, ...app.records.all("configurations").filter((other) => other.rivals.includes(one.id)).map((other) => other.id)])];
    const addRipple = (source, target) => {
      if (!source || !target) return;
      const made = { id: newIdentifier("r"), source, target, note: "", extracts: [] };
      app.do("add_ripple", { ...made }, [["ripples", made.id, made]], "the ripple");
    };
    return h(
      "section",
      { class: "cop-slot", "aria-label": "Ripples and rivals" },
      h("h3", {}, "Ripples and rivals"),
      h("ul", {}, ripples.map((ripple) => h("li", {}, ripple.source === one.id ? `Its outcome becomes context of “${label(ripple.target)}”. ` : `Its context is the outcome of “${label(ripple.source)}”. `, button("Take away", () => app.do("remove_ripple", { ripple: ripple.id }, [["ripples", ripple.id, null]], "the ripple"), { disabled, class: "cop-button is-small", "data-key": `ripple-${ripple.id}` })))),
      h("ul", {}, rivals.map((rival) => h("li", {}, `Rival explanation: “${label(rival)}”. `, button("Take away", () => app.do("remove_rival", { configuration: one.id, rival }, [["configurations", one.id, { ...this.now(one), rivals: this.now(one).rivals.filter((other) => other !== rival) }]], "the rival"), { disabled, class: "cop-button is-small", "data-key": `rival-${rival}` })))),
      others.length
        ? h("div", { class: "cop-fields" },
            labelled("Its outcome becomes context of", choice({ key: `to-${one.id}`, label: "Its outcome becomes context of", value: null, options: others, none: "choose…", disabled, change: (target) => addRipple(one.id, target) })),
            labelled("A rival explanation is", choice({ key: `rivals-${one.id}`, label: "Rival explanation", value: null, options: others, none: "choose…", disabled, change: (rival) => rival && app.do("add_rival", { configuration: one.id, rival }, [["configurations", one.id, { ...this.now(one), rivals: [...new Set([...this.now(one).rivals, rival])] }]], "the rival") })),
          )
        : h("p", { class: "cop-hint" }, "With a second configuration, ripples and rivals can be linked here."),
    );
  }
}
