/* The panel: puts the parts together, carries messages to and from Python, and turns actions into what is done. */

import { CodesPane } from "./codes_pane.js";
import { ComparePane } from "./compare_pane.js";
import { ConfigurationPane } from "./configuration_pane.js";
import { button, choice, h, redraw, savedField, uniqueName, unsaved } from "./dom.js";
import { pathsOf, withBelow } from "./finding.js";
import { ACTIONS, actionOf, keyShown } from "./keys.js";
import { menuBar } from "./menus.js";
import { Outbox, Records, moment, newIdentifier } from "./outbox.js";
import { initials } from "./overlaps.js";
import { PassagePane } from "./passage_pane.js";
import { Picker } from "./picker.js";
import { nextUncoded } from "./reading.js";
import { Reader } from "./reader.js";
import { TheoryPane } from "./theory_pane.js";
import { isFilled, nextStep } from "./theory_words.js";

const WRITES = new Set(["code", "repeat", "recode", "delete", "memo", "documentMemo", "newCode", "undo", "redo", "newConfiguration", "take", "renameCode", "moveCode", "mergeCode", "deleteCode", "newVersion"]);
const NEEDS_EXTRACT = new Set(["recode", "delete", "memo", "take"]);
const NEEDS_CODE = new Set(["renameCode", "moveCode", "mergeCode", "deleteCode"]);
const TABS = [
  ["codes", "Codes"],
  ["passage", "Passage"],
  ["configurations", "Configurations"],
  ["compare", "Compare"],
  ["theory", "Theory"],
];
const GRID_KINDS = new Set(["survey answers"]);
const RECENT = 12;

class Panel {
  constructor(model, host) {
    this.model = model;
    this.host = host;
    this.records = new Records({});
    this.coder = "";
    this.readOnly = "";
    this.document = null;
    this.documents = [];
    this.texts = new Map();
    this.lost = [];
    this.filter = { code: null, coder: null, speaker: null };
    this.filterCodes = null;
    this.blind = false;
    this.guide = true;
    this.fill = false;
    this.grid = false;
    this.tab = "codes";
    this.recent = [];
    this.last = null;
    this.initials = new Map();
    this.gapRows = [];
    this.conflicts = [];
    this.dirty = new Set();
    this.started = false;
    this.build();
    this.heard = (message) => this.hear(message);
    model.on("msg:custom", this.heard);
    this.ask({ kind: "hello" });
    this.patience = setTimeout(() => {
      if (!this.started) this.notice("The kernel does not answer yet. If this stays, run the cell again.");
    }, 8000);
  }

  ask(message) {
    this.model.send(message);
  }

  // --- building -----------------------------------------------------------------------------------------------------

  build() {
    this.reader = new Reader({
      look: {
        isShown: (extract) => this.isShown(extract),
        turnIsShown: (turn, extracts) => this.turnIsShown(turn, extracts),
        name: (extract) => this.nameOf(extract.code),
        initials: (extract) => this.initials.get(extract.code) ?? "?",
        colour: (extract) => this.colourOf(this.records.get("codes", extract.code)),
        coder: (extract) => (this.records.count("coders") > 1 ? this.coderName(extract.coder) : ""),
        state: (extract) => this.outbox.stateOf("extracts", extract.id),
        hasMemo: (extract) => Boolean(extract.memo?.trim()),
        isAlone: (extract) => this.tab === "compare" && this.panes.compare.isAlone(extract),
      },
      chosen: (identifier) => this.afterChoice(identifier),
      selected: (span) => this.afterSelection(span),
    });
    this.panes = {
      codes: new CodesPane(this),
      passage: new PassagePane(this),
      configurations: new ConfigurationPane(this),
      compare: new ComparePane(this),
      theory: new TheoryPane(this),
    };
    this.title = h("h2", {}, "Coding");
    this.where = h("div", { class: "cop-row cop-where" });
    this.status = h("p", { class: "cop-status", role: "status" }, "Opening…");
    this.spoken = h("p", { class: "cop-spoken", "aria-live": "polite" });
    this.selectionSaid = h("p", { class: "cop-unseen", "aria-live": "polite" });
    this.alerts = h("div", { class: "cop-alerts", role: "alert" });
    this.notices = h("div", { class: "cop-notices" });
    this.stepSaid = h("span");
    this.step = h("p", { class: "cop-step" }, this.stepSaid, button("Hide", () => this.run("guide"), { class: "cop-link", "aria-label": "Hide what to do next", title: "Help > Say what to do next shows it again" }));
    this.place = h("span", { class: "cop-place" });
    this.filler = button("⤢", () => this.run("fill"), { class: "cop-button", "aria-label": "Fill the window", "aria-pressed": "false", title: "Fill the window (w)" });
    this.filters = h("div", { class: "cop-row cop-filters", role: "group", "aria-label": "What is shown" });
    this.side = h("div", { class: "cop-side" });
    const name = uniqueName("tab");
    this.tabs = TABS.map(([key, label], place) =>
      h("button", { type: "button", role: "tab", id: `${name}-${key}`, "aria-controls": `${name}-panel`, "data-tab": key, "aria-keyshortcuts": place + 1, onclick: () => this.show(key) }, label, h("kbd", { "aria-hidden": "true" }, place + 1)));
    const tabList = h("div", { class: "cop-tabs", role: "tablist", "aria-label": "Beside the text" }, this.tabs);
    tabList.addEventListener("keydown", (event) => {
      const at = this.tabs.indexOf(event.target);
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (at < 0 || !by) return;
      const next = this.tabs[(at + by + this.tabs.length) % this.tabs.length];
      this.show(next.dataset.tab);
      next.focus();
      event.preventDefault();
      event.stopPropagation();
    });
    this.tabPanel = h("div", { class: "cop-pane", role: "tabpanel", id: `${name}-panel`, tabindex: "-1" });
    this.side.append(tabList, this.tabPanel);
    this.menus = menuBar({ run: (id) => this.run(id), isOn: (id) => this[id] === true, can: (id) => this.can(id), why: (id) => this.why(id) });
    this.root = h(
      "section",
      { class: "cop-coding", "aria-label": "Coding" },
      h("div", { class: "cop-top" }, this.title, this.where, this.filler),
      h("div", { class: "cop-bar" }, this.menus, this.filters),
      this.notices,
      this.alerts,
      this.step,
      h("div", { class: "cop-main" }, this.reader.element, this.side),
      h("div", { class: "cop-foot" }, this.status, this.spoken, this.place),
      this.selectionSaid,
    );
    this.host.append(this.root);
    this.sizes = new ResizeObserver(() => this.root.classList.toggle("is-narrow", this.root.clientWidth < 700));
    this.sizes.observe(this.root);
    this.picker = new Picker(this.root);
    this.root.addEventListener("keydown", (event) => this.key(event));
    // JupyterLab takes single keys as commands on cells, and hears them first; whatever has the focus in here is not a
    // cell. Only saving the notebook is left to it.
    this.early = (event) => this.keepFromJupyter(event);
    window.addEventListener("keydown", this.early, true);
    this.minding();
    for (const kind of ["keyup", "keypress", "paste", "copy", "contextmenu"]) {
      this.root.addEventListener(kind, (event) => event.stopPropagation());
    }
    this.outbox = new Outbox({
      records: this.records,
      send: (message) => this.ask(message),
      changed: (keys) => this.changed(keys),
      failed: (operation, why, sentence) => this.refused(operation, why, sentence),
      state: () => this.afterOutbox(),
    });
    this.show("codes", false);
  }

  /** Nothing is drawn anew under a pressed button or an open list of choices: the press would be lost. */
  minding() {
    const free = () => setTimeout(() => {
      this.pressing = false;
      this.drawWhatWaits();
    }, 0);
    this.released = free;
    this.root.addEventListener("pointerdown", (event) => {
      this.pressing = true;
      this.choosing = event.target.closest("select");
    });
    window.addEventListener("pointerup", free);
    window.addEventListener("pointercancel", free);
    const chose = (event) => {
      if (event.target !== this.choosing) return;
      this.choosing = null;
      this.drawWhatWaits();
    };
    this.root.addEventListener("change", chose);
    this.root.addEventListener("focusout", chose);
    this.root.addEventListener("keydown", (event) => {
      if (!event.target.matches("select")) return;
      const opens = event.key === " " || event.key === "Enter" || (event.altKey && event.key === "ArrowDown");
      if (opens) this.choosing = event.target;
      else if (event.key === "Escape") chose(event);
    }, true);
  }

  keepFromJupyter(event) {
    if (!this.root.contains(event.target)) return;
    const name = "data-lm-suppress-shortcuts";
    if (savesNotebook(event)) {
      for (const one of this.root.querySelectorAll(`[${name}]`)) one.removeAttribute(name);
    } else event.target.setAttribute(name, "true");
  }

  redraw(container, build) {
    redraw(container, build);
    this.explain(container);
  }

  /** What cannot be changed says why not. */
  explain(container) {
    if (this.canWrite) return;
    for (const one of container.querySelectorAll(":disabled")) one.title = `Read only. ${this.readOnly}`;
  }

  // --- hearing ------------------------------------------------------------------------------------------------------

  hear(message) {
    if (!message || typeof message !== "object") return;
    if (message.kind === "study") this.begin(message);
    else if (message.kind === "text") this.takeText(message);
    else if (message.kind === "done") {
      this.outbox.done(message.op, message.changes);
      this.askGaps();
    } else if (message.kind === "failed") {
      if (message.about === "do" && message.why === "locked") this.outbox.held(message.op);
      else if (message.about === "do") this.outbox.refused(message.op, message.why, message.sentence);
      else if (message.about === "text") {
        this.reader.showNothing(message.sentence);
        this.alert(message.sentence);
      } else this.alert(message.sentence);
    } else if (message.kind === "records") this.takeRecords(message);
    else if (message.kind === "news") {
      this.outbox.take(message.changes);
      const others = (message.who ?? []).filter((one) => one !== this.coder);
      if (others.length) this.say(`${others.map((one) => this.coderName(one)).join(" and ")} changed the coding elsewhere; it is shown here.`);
      this.askGaps();
    } else if (message.kind === "conflicts") {
      this.conflicts = message.conflicts;
      this.later("decisions");
    } else if (message.kind === "gaps") {
      this.gapRows = message.rows;
      this.later("gaps");
    } else if (message.kind === "notice") this.notice(message.sentence);
  }

  begin(study) {
    clearTimeout(this.patience);
    const again = this.started;
    this.started = true;
    this.study = study;
    this.words = study.words;
    const chosen = this.coder;
    this.coder = chosen || study.coder;
    // A kernel that was started again asks anew who codes; the page knows.
    if (chosen && chosen !== study.coder) this.ask({ kind: "coder", coder: chosen });
    this.blind = study.blind;
    this.readOnly = study.readOnly;
    this.documents = study.documents;
    this.records.fill(study.records);
    this.outbox.storage = safeStorage();
    this.nameOutbox();
    this.memory = `cop-coding-place:${study.key}`;
    this.title.replaceChildren(study.title);
    if (study.simulated && !/simulated/i.test(study.title)) this.title.append(h("small", {}, " (simulated, in whole or in part)"));
    this.root.setAttribute("aria-label", `Coding of ${study.title}`);
    this.initials = initials(this.records.all("codes"));
    this.notices.replaceChildren();
    this.root.classList.toggle("is-read-only", !this.canWrite);
    if (this.readOnly) this.notice(`Read only. ${this.readOnly}`);
    this.conflicts = study.conflicts;
    if (this.conflicts.length) this.notice(`${this.conflicts.length === 1 ? "One conflict of a merge waits" : `${this.conflicts.length} conflicts of a merge wait`} for a decision: see Compare (key 4).`);
    for (const sentence of study.notices) this.notice(sentence);
    if (again) this.outbox.redo(this.outbox.waiting.flatMap((one) => one.shown));
    else if (this.canWrite) {
      const kept = this.outbox.takeUp();
      if (kept) this.say(`${kept === 1 ? "One change" : `${kept} changes`} from before ${kept === 1 ? "was" : "were"} not stored yet: being stored now.`);
    }
    let place = {};
    try {
      place = JSON.parse(safeStorage()?.getItem(this.memory) ?? "{}") ?? {};
    } catch {
      place = {};
    }
    this.recent = [...new Set([...this.recent, ...(Array.isArray(place.recent) ? place.recent : [])])].filter((one) => this.records.get("codes", one)).slice(0, RECENT);
    this.last ??= this.recent[0] ?? null;
    this.guide = place.guide !== false;
    if (place.blind && !this.blind) {
      this.blind = true;
      this.ask({ kind: "blind", on: true });
    }
    const first = this.documents.find((one) => one.id === place.document) ?? this.documents[0];
    this.wantedTurn = place.document === first?.id ? place.turn : 0;
    this.drawWhere();
    this.drawFilters();
    this.show(this.tab, false);
    this.afterOutbox();
    if (first) this.openDocument(first.id, false);
    else this.reader.showNothing("This study has no documents yet. Put transcripts into its documents folder and list them in documents.csv.");
  }

  /** What waits is kept for the coder whose work it is, so that a reload never stores it as somebody else's. */
  nameOutbox() {
    this.outbox.name = `cop-coding:${this.study.key}:${this.coder}`;
  }

  /** Take over what may be seen from now on: all of it, or in blind mode one's own. */
  takeRecords(message) {
    this.blind = message.blind;
    this.conflicts = message.conflicts;
    this.records.fill(message.records);
    this.outbox.redo(this.outbox.waiting.flatMap((one) => one.shown));
    this.reader.setExtracts(this.records.all("extracts").filter((one) => one.document === this.document));
    this.remember();
    this.afterFilter();
    this.show(this.tab, false);
  }

  takeText(message) {
    this.texts.set(message.document, message);
    if (message.document !== this.document) return;
    if (message.changed) this.notice(message.changed);
    const here = this.records.all("extracts").filter((one) => one.document === message.document);
    this.filter.speaker = null;
    this.reader.show(message, here);
    this.lost = here.filter((one) => !this.reader.extracts.has(one.id));
    this.grid = GRID_KINDS.has(this.documents.find((one) => one.id === message.document)?.kind);
    this.reader.asGrid(this.grid);
    if (this.wantedTurn) this.reader.rove(this.wantedTurn);
    if (this.wantedTurn) this.reader.turns[this.reader.current]?.element.scrollIntoView({ block: "center" });
    this.wantedTurn = 0;
    if (this.wantedExtract) this.reader.chooseExtract(this.wantedExtract, true);
    this.wantedExtract = null;
    if (this.focusWanted) this.focusText();
    this.focusWanted = false;
    this.drawFilters();
    this.later("extracts");
    this.root.dataset.ready = message.document;
  }

  // --- what is shown ------------------------------------------------------------------------------------------------

  get canWrite() {
    return !this.readOnly;
  }

  isMine(record) {
    return !record.coder || record.coder === this.coder;
  }

  /** Whether a record of a coder may be seen: in blind mode only one's own. */
  mayShow(record) {
    return !this.blind || this.isMine(record);
  }

  isShown(extract) {
    if (!this.mayShow(extract)) return false;
    if (this.tab === "compare" && !this.blind && !this.panes.compare.coders().includes(extract.coder)) return false;
    if (this.filter.coder && extract.coder !== this.filter.coder) return false;
    return !this.filterCodes || this.filterCodes.has(extract.code);
  }

  turnIsShown(turn, extracts) {
    if (this.filter.speaker !== null && turn.speaker !== this.filter.speaker) return false;
    return !this.filterCodes || extracts.length > 0;
  }

  setFilter(name, value) {
    this.filter[name] = value;
    this.filterCodes = this.filter.code ? withBelow(this.records.all("codes"), this.filter.code) : null;
    this.afterFilter();
  }

  afterFilter() {
    this.reader.filter();
    this.reader.refreshAll();
    this.drawFilters();
    this.later("extracts");
  }

  counts() {
    const found = new Map();
    for (const one of this.records.all("extracts")) {
      if (this.mayShow(one) && (!this.filter.coder || one.coder === this.filter.coder)) found.set(one.code, (found.get(one.code) ?? 0) + 1);
    }
    return found;
  }

  nameOf(code) {
    return this.records.get("codes", code)?.name ?? code;
  }

  coderName(coder) {
    return this.records.get("coders", coder)?.name || coder;
  }

  colourOf(code) {
    const own = /^#[0-9a-f]{6}$/i.test(code?.colour ?? "") ? code.colour : "#5b6b7b";
    return `color-mix(in srgb, ${own} var(--own, 62%), var(--ink))`;
  }

  chosenExtract() {
    return this.reader.extract ? this.records.get("extracts", this.reader.extract) : null;
  }

  drawWhere() {
    const coders = this.records.all("coders").map((one) => [one.id, one.name || one.id]);
    if (this.coder && !coders.some(([id]) => id === this.coder)) coders.push([this.coder, this.coder]);
    redraw(this.where, () => [
      h("label", {}, "Document ", choice({ key: "document", label: "Document", value: this.document, options: this.documents.map((one) => [one.id, one.title ? `${one.id}: ${one.title}` : one.id]), change: (one) => this.openDocument(one) })),
      h("label", {}, "You are ", choice({ key: "coder", label: "You are", value: this.coder, options: [...coders, ["\u0000new", "somebody new…"]], none: this.coder ? null : "choose", change: (one) => this.chooseCoder(one) })),
      this.namingCoder ? this.coderForm() : "",
    ]);
  }

  chooseCoder(identifier) {
    if (identifier === "\u0000new") {
      this.namingCoder = true;
      this.drawWhere();
      this.where.querySelector("[data-key=new-coder]")?.focus();
      return;
    }
    this.namingCoder = false;
    this.coder = identifier ?? "";
    this.nameOutbox();
    this.ask({ kind: "coder", coder: this.coder });
    this.drawWhere();
    this.afterFilter();
    this.show(this.tab, false);
  }

  coderForm() {
    const field = h("input", { class: "cop-field", type: "text", "data-key": "new-coder", "aria-label": "Your name or initials", placeholder: "Your name or initials" });
    const take = () => {
      const name = field.value.trim();
      if (name) {
        field.value = "";
        this.chooseCoder(name);
      }
    };
    field.addEventListener("keydown", (event) => event.key === "Enter" && take());
    return [field, button("That is me", take, { "data-key": "is-me" })];
  }

  drawFilters() {
    const speakers = [...new Set(this.reader.turns.map((turn) => turn.speaker))];
    const any = this.filter.code || this.filter.coder || this.filter.speaker !== null;
    const total = this.reader.turns.length;
    this.filters.classList.toggle("is-on", Boolean(any));
    this.drawPlace();
    redraw(this.filters, () => [
      button(this.filter.code ? this.nameOf(this.filter.code) : "every code", () => this.run("filterCode"), { class: "cop-button is-small", "aria-label": `Code shown: ${this.filter.code ? this.nameOf(this.filter.code) : "every code"}`, "data-key": "f-code" }),
      choice({ key: "f-coder", label: "Coder shown", value: this.filter.coder, options: this.records.all("coders").map((one) => [one.id, one.name || one.id]), none: "every coder", change: (one) => this.setFilter("coder", one) }),
      choice({ key: "f-speaker", label: "Speaker shown", value: this.filter.speaker === null ? "" : `s${this.filter.speaker}`, options: speakers.map((one) => [`s${one}`, one || "no speaker"]), none: "every speaker", change: (one) => this.setFilter("speaker", one === null ? null : one.slice(1)) }),
      h("label", { title: "Hide what others coded (b)" }, h("input", { type: "checkbox", checked: this.blind, "data-key": "blind", onchange: () => this.run("blind") }), " Blind"),
      any ? h("span", { class: "cop-hint" }, `${(this.reader.shown ?? total).toLocaleString("en-GB")} of ${total.toLocaleString("en-GB")} turns shown.`) : "",
      any ? button("Show everything", () => this.run("clearFilters"), { class: "cop-button is-small", "data-key": "f-clear" }) : "",
    ]);
  }

  drawPlace() {
    const total = this.reader.turns.length;
    this.place.textContent = total ? `Turn ${(this.reader.current + 1).toLocaleString("en-GB")} of ${total.toLocaleString("en-GB")}` : "";
  }

  drawStep() {
    const one = this.panes.configurations.chosen;
    const links = this.records.all("evidence").filter((link) => !one || link.configuration === one.id);
    this.stepSaid.textContent = nextStep({
      readOnly: this.readOnly,
      coder: this.coder,
      documents: this.documents.length,
      extracts: this.records.count("extracts"),
      configurations: this.records.count("configurations"),
      links: links.length,
      statement: !one || one.statement.trim(),
      refuting: links.some((link) => link.stance === "refutes"),
      open: one && (this.words.schemas[one.schema]?.roles ?? []).some((role) => !isFilled(one, role.key)),
    });
    this.step.hidden = !this.guide || !this.stepSaid.textContent;
  }

  show(tab, focus = false) {
    const before = this.tab;
    this.tab = tab;
    for (const one of this.tabs) {
      const on = one.dataset.tab === tab;
      one.setAttribute("aria-selected", on ? "true" : "false");
      one.tabIndex = on ? 0 : -1;
      if (on) this.tabPanel.setAttribute("aria-labelledby", one.id);
    }
    this.tabPanel.replaceChildren(this.panes[tab].element);
    if (!this.started) return;
    this.root.dataset.tab = tab;
    if ((before === "compare") !== (tab === "compare")) this.reader.refreshAll();
    this.drawPane();
    this.drawStep();
    if (tab === "configurations") this.askGaps();
    if (focus) this.focusSide();
  }

  drawPane() {
    this.panes[this.tab].draw();
    this.explain(this.tabPanel);
  }

  askGaps() {
    if (this.tab !== "configurations" || this.gapsWaiting) return;
    this.gapsWaiting = setTimeout(() => {
      this.gapsWaiting = 0;
      this.ask({ kind: "gaps" });
    }, 400);
  }

  compareChanged() {
    this.reader.refreshAll();
    this.later("extracts");
  }

  /** Draw what is beside the text after what is in it: the text comes first. */
  later(collection) {
    this.dirty.add(collection);
    this.drawWhatWaits();
  }

  drawWhatWaits() {
    if (this.drawing || !this.dirty.size) return;
    this.drawing = true;
    requestAnimationFrame(() => setTimeout(() => {
      this.drawing = false;
      if (this.pressing || this.choosing?.isConnected) return;
      const dirty = this.dirty;
      this.dirty = new Set();
      if (!this.started || this.closed) return;
      if (this.codeToShow) this.panes.codes.chosen = this.codeToShow;
      this.codeToShow = null;
      this.drawPane();
      this.drawStep();
      if (dirty.has("coders")) this.drawWhere();
      if (dirty.has("coders") || dirty.has("codes")) this.drawFilters();
    }, 0));
  }

  // --- changes ------------------------------------------------------------------------------------------------------

  changed(keys) {
    const touched = new Set();
    const renamed = new Set();
    for (const [collection, identifier] of keys) {
      this.later(collection);
      if (collection === "extracts") {
        for (const place of this.reader.change(identifier, this.records.get("extracts", identifier) ?? null)) touched.add(place);
      } else if (collection === "codes") renamed.add(identifier);
    }
    if (renamed.size) {
      this.initials = initials(this.records.all("codes"));
      if (this.filter.code) this.filterCodes = withBelow(this.records.all("codes"), this.filter.code);
      for (const one of this.reader.extracts.values()) if (renamed.has(one.record.code)) for (const place of one.turns) touched.add(place);
    }
    this.reader.refresh(touched);
    if (touched.size && (this.filterCodes || this.filter.speaker !== null)) this.reader.filter();
  }

  do(verb, args, shown, words = "", draft = null) {
    if (!this.canWrite) {
      this.alert(this.readOnly);
      return null;
    }
    if (!this.coder) {
      this.alert("Say first who you are: choose a coder at the top.");
      this.where.querySelector("[data-key=coder]")?.focus();
      return null;
    }
    const operation = this.outbox.do(verb, args, shown, words);
    operation.draft = draft;
    return operation;
  }

  /** Give fields of a record other values; `was` is what the person saw, so that a change by others is not lost. */
  change(collection, identifier, values, was, words = "", key = "") {
    const now = this.records.get(collection, identifier);
    if (!now) return;
    const draft = key ? { key, value: Object.values(values)[0] } : null;
    this.do("change", { collection, id: identifier, values, was }, [[collection, identifier, { ...now, ...values }]], words, draft);
  }

  refused(operation, why, sentence) {
    if (operation.draft) unsaved.set(operation.draft.key, operation.draft.value);
    this.alert(`Not stored${operation.words ? ` (${operation.words})` : ""}: ${sentence}`);
    this.later("extracts");
  }

  afterOutbox() {
    const { waiting, late } = this.outbox;
    this.status.className = `cop-status ${late ? "is-late" : waiting.length ? "is-storing" : "is-stored"}`;
    if (this.readOnly) this.status.textContent = "Read only: nothing can be changed.";
    else if (late) {
      const words = `${late === 1 ? "One change is" : `${late} changes are`} not stored yet: ${this.outbox.stuck ? "another program holds the database; tried again every two seconds" : "the kernel does not answer"}. ${late === 1 ? "It is" : "They are"} kept on this page. `;
      this.status.replaceChildren(words, button("Try again", () => this.outbox.again(), { class: "cop-button is-small" }));
      const touched = new Set();
      for (const one of waiting) for (const [collection, id] of one.shown) if (collection === "extracts") for (const place of this.reader.extracts.get(id)?.turns ?? []) touched.add(place);
      this.reader.refresh(touched);
    } else this.status.textContent = waiting.length ? "Storing…" : this.started ? "Everything is stored." : "Opening…";
  }

  /** Code words with a code that is there. */
  codeWith(code) {
    const span = this.selectedOrTurn();
    if (!span || !this.document) {
      this.say("Select words first, or go to a turn.", true);
      return;
    }
    this.addExtract({ document: this.document, ...span }, code);
  }

  /** Code words. A code made for them by its name comes with them: one act, taken back by one undo. */
  addExtract({ document: where, start, end, quote }, code, made = null) {
    const twin = this.records.all("extracts").find((one) => one.document === where && one.start === start && one.end === end && one.code === code && one.coder === this.coder);
    if (twin) {
      this.atHand(code);
      this.say(`These words have the code ${this.nameOf(code)} already.`);
      this.reader.chooseExtract(twin.id);
      return;
    }
    const name = made?.name ?? this.nameOf(code);
    const extract = { id: newIdentifier("x"), document: where, start, end, quote, code, coder: this.coder, created: moment(), memo: "", placed: true };
    const shown = [["extracts", extract.id, extract]];
    if (made) shown.unshift(["codes", made.id, made]);
    const sent = this.do("add_extract", { id: extract.id, document: where, start, end, code, quote, ...withNew(made) }, shown, `“${quote.slice(0, 40)}” as ${name}`);
    if (!sent) return;
    this.atHand(code);
    this.reader.chooseExtract(extract.id);
    this.say(`Coded as ${name}.`);
  }

  /** The code given last is the one that a key repeats, and stands first among the recent. */
  atHand(code) {
    this.last = code;
    this.recent = [code, ...this.recent.filter((one) => one !== code)].slice(0, RECENT);
    this.remember();
  }

  /** What is to be coded: the selected words, else those of the chosen extract, else the turn. */
  selectedOrTurn() {
    const found = this.reader.selectedPoints();
    if (found) return found;
    const extract = this.chosenExtract();
    if (extract && extract.document === this.document) return { start: extract.start, end: extract.end, quote: extract.quote };
    if (!this.reader.turns.length) return null;
    this.reader.selectTurn();
    return this.reader.selectedPoints();
  }

  makeCode(made) {
    return this.do("add_code", { id: made.id, name: made.name, parent: made.parent }, [["codes", made.id, made]], `the code ${made.name}`) ? made : null;
  }

  newCode(name, parent = null) {
    return { id: newIdentifier("code", name), name, parent, definition: "", examples: "", colour: "", level: null };
  }

  pickCode({ title, pick, codes = this.records.all("codes"), make = true, more = false, near = null, top = null }) {
    const back = document.activeElement;
    this.picker.open({
      title,
      codes,
      recent: this.recent,
      paths: pathsOf(this.records.all("codes")),
      near: near instanceof Element ? near.getBoundingClientRect() : this.reader.rectOfSelection(),
      make: make && this.canWrite,
      more,
      top,
      pick: (chosen) => {
        if (chosen.name === undefined) pick(chosen);
        else {
          const made = this.newCode(chosen.name);
          pick({ code: made, made });
        }
      },
      back: () => (back && back.isConnected && back !== document.body && this.root.contains(back) ? back.focus({ preventScroll: true }) : this.focusText()),
    });
  }

  codeSameWords(extract) {
    this.pickCode({ title: "Code these words as", more: true, pick: ({ code, made }) => this.addExtract(extract, code.id, made) });
  }

  deleteExtract(extract, withLinks = false) {
    const links = this.records.all("evidence").filter((one) => one.extract === extract.id);
    if (links.length && !withLinks) {
      this.show("passage");
      this.panes.passage.ask(extract.id);
      return;
    }
    const shown = [["extracts", extract.id, null], ...links.map((one) => ["evidence", one.id, null])];
    this.do("delete_extract", { extract: extract.id, ...(withLinks ? { evidence: "delete" } : {}) }, shown, `deleting “${extract.quote.slice(0, 40)}”`);
    this.say(`Deleted: ${this.nameOf(extract.code)}. z brings it back.`);
  }

  /** The field for a memo on a document, a code or a configuration; what others wrote stands above it. */
  memoField(about, target, label) {
    const here = this.records.all("memos").filter((one) => one.about === about && one.target === target);
    const own = here.filter((one) => one.coder === this.coder).at(-1);
    const others = here.filter((one) => one !== own && this.mayShow(one));
    return h(
      "div",
      { class: "cop-memo" },
      others.map((one) => h("blockquote", { dir: "auto" }, one.text, h("small", {}, ` ${this.coderName(one.coder ?? "")}`))),
      h("label", { class: "cop-label-of" }, label,
        savedField("textarea", {
          key: `memo-${about}-${target}`,
          label,
          value: own?.text ?? "",
          rows: 3,
          disabled: !this.canWrite,
          save: (text, was) => this.saveMemo(about, target, text, was),
        }),
      ),
    );
  }

  saveMemo(about, target, text, was) {
    const key = `memo-${about}-${target}`;
    const own = this.records.all("memos").filter((one) => one.about === about && one.target === target && one.coder === this.coder).at(-1);
    if (own && !text.trim()) this.do("delete", { collection: "memos", id: own.id }, [["memos", own.id, null]], "the memo");
    else if (own) this.change("memos", own.id, { text }, { text: was }, "the memo", key);
    else if (text.trim()) {
      const made = { id: newIdentifier("memo"), text, title: "", kind: "analytic", about, target, coder: this.coder, created: moment() };
      this.do("memo", { id: made.id, text, about: [about, target] }, [["memos", made.id, made]], "the memo", { key, value: text });
    }
  }

  // --- going about --------------------------------------------------------------------------------------------------

  openDocument(identifier, focus = true) {
    if (!identifier) return;
    this.document = identifier;
    this.focusWanted = focus && !this.where.contains(document.activeElement);
    this.drawWhere();
    const text = this.texts.get(identifier);
    if (text) this.takeText(text);
    else {
      this.reader.showNothing("Opening the text…");
      this.ask({ kind: "text", document: identifier });
    }
  }

  goToExtract(identifier, focus = true) {
    const extract = this.records.get("extracts", identifier);
    if (!extract) return;
    if (extract.document !== this.document) {
      this.wantedExtract = identifier;
      this.openDocument(extract.document, focus);
      return;
    }
    const active = document.activeElement;
    this.reader.chooseExtract(identifier, true);
    if (!focus && active?.isConnected) active.focus({ preventScroll: true });
  }

  openConfiguration(identifier) {
    this.panes.configurations.current = identifier;
    this.show("configurations", true);
  }

  focusText() {
    const turn = this.reader.turns[this.reader.current];
    turn?.element.focus({ preventScroll: true });
  }

  focusSide() {
    const first = this.tabPanel.querySelector("[role=treeitem][tabindex='0']") ?? this.tabPanel.querySelector("button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled])");
    (first ?? this.tabs.find((one) => one.tabIndex === 0))?.focus();
  }

  afterChoice(identifier) {
    this.drawPlace();
    this.codeToShow = identifier ? (this.records.get("extracts", identifier)?.code ?? null) : null;
    this.later("extracts");
  }

  afterSelection(span) {
    clearTimeout(this.speaking);
    if (span) this.speaking = setTimeout(() => (this.selectionSaid.textContent = `Selected: ${this.reader.text.slice(span.start, span.end).slice(0, 200)}`), 250);
    this.drawPlace();
    clearTimeout(this.remembering);
    this.remembering = setTimeout(() => this.remember(), 500);
  }

  /** Keep for a reload of the page where one was and what was at hand. */
  remember() {
    try {
      safeStorage()?.setItem(this.memory, JSON.stringify({ document: this.document, turn: this.reader.current, recent: this.recent, blind: this.blind, guide: this.guide }));
    } catch {
      // Where nothing may be kept, a reload begins at the top.
    }
  }

  say(words, isFault = false) {
    clearTimeout(this.speaking);
    if (isFault) {
      this.alert(words);
      return;
    }
    this.spoken.textContent = words;
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => (this.spoken.textContent = ""), 6000);
  }

  alert(words) {
    const line = h("p", {}, words, " ", button("Close", () => line.remove(), { class: "cop-button is-small" }));
    this.alerts.replaceChildren(line);
  }

  notice(sentence) {
    if ([...this.notices.children].some((one) => one.firstChild?.textContent === sentence)) return;
    const line = h("p", {}, h("span", {}, sentence), " ", button("Close", () => line.remove(), { class: "cop-button is-small" }));
    this.notices.append(line);
  }

  // --- actions ------------------------------------------------------------------------------------------------------

  can(id) {
    if (!this.started) return false;
    if (WRITES.has(id) && !this.canWrite) return false;
    if (NEEDS_EXTRACT.has(id)) return Boolean(this.chosenExtract());
    if (NEEDS_CODE.has(id)) return Boolean(this.records.get("codes", this.panes.codes.chosen));
    return id !== "repeat" || Boolean(this.last);
  }

  /** Why an action cannot be done now; empty where it can. */
  why(id) {
    if (this.can(id)) return "";
    if (WRITES.has(id) && !this.canWrite) return this.readOnly;
    if (NEEDS_EXTRACT.has(id)) return "Choose a coded passage first: click it, or step with ] and [.";
    if (NEEDS_CODE.has(id)) return "Choose a code in the tree first.";
    return id === "repeat" ? "No code was given yet: press n to give the first." : "The study is still being opened.";
  }

  run(id) {
    const why = this.why(id);
    if (why) {
      this.alert(why);
      return;
    }
    const { reader } = this;
    const acts = {
      code: () => {
        if (!this.coder) return this.do();
        const span = this.selectedOrTurn();
        if (!span) return this.say("There are no words to code here.", true);
        const where = { document: this.document, ...span };
        return this.pickCode({ title: `Code “${span.quote.length > 60 ? `${span.quote.slice(0, 59)}…` : span.quote}” as`, more: true, pick: ({ code, made }) => this.addExtract(where, code.id, made) });
      },
      repeat: () => this.codeWith(this.last),
      recode: () => {
        const extract = this.chosenExtract();
        this.pickCode({ title: `Instead of ${this.nameOf(extract.code)}`, pick: ({ code, made }) => this.do("recode", { extract: extract.id, code: code.id, ...withNew(made) }, [...(made ? [["codes", made.id, made]] : []), ["extracts", extract.id, { ...extract, code: code.id }]], "the code") });
      },
      delete: () => this.deleteExtract(this.chosenExtract()),
      memo: () => {
        this.show("passage");
        this.focusField(`memo-${this.reader.extract}`);
      },
      documentMemo: () => {
        this.show("passage");
        this.focusField(`memo-document-${this.document}`);
      },
      newCode: () => {
        this.show("codes");
        this.pickCode({ title: "Name of the new code", codes: this.records.all("codes"), near: this.side, pick: ({ code, made }) => {
          if (!made || this.makeCode(made)) this.panes.codes.choose(code.id);
        } });
      },
      ...Object.fromEntries(["rename", "move", "merge", "delete"].map((verb) => [`${verb}Code`, () => {
        this.show("codes");
        this.panes.codes.begin(verb);
      }])),
      newVersion: () => {
        this.show("theory");
        this.panes.theory.begin();
      },
      undo: () => this.do("undo", {}, [], "undo"),
      redo: () => this.do("redo", {}, [], "redo"),
      sentence: () => reader.selectSentence(),
      turn: () => reader.selectTurn(),
      wordRight: () => reader.moveWord(1, false),
      wordLeft: () => reader.moveWord(-1, false),
      moreRight: () => reader.moveWord(1, true),
      moreLeft: () => reader.moveWord(-1, true),
      moreDown: () => reader.extendTurn(1),
      moreUp: () => reader.extendTurn(-1),
      clear: () => {
        reader.clear();
        reader.chooseExtract(null);
      },
      down: () => reader.go(reader.nextShown(reader.current, 1)),
      up: () => reader.go(reader.nextShown(reader.current, -1)),
      firstTurn: () => reader.go(reader.nextShown(-1, 1)),
      lastTurn: () => reader.go(reader.nextShown(reader.turns.length, -1)),
      uncoded: () => this.goUncoded(1),
      uncodedBack: () => this.goUncoded(-1),
      nextExtract: () => reader.stepExtract(1) || this.say("No extract is shown in this document."),
      previousExtract: () => reader.stepExtract(-1) || this.say("No extract is shown in this document."),
      document: () => this.where.querySelector("[data-key=document]")?.focus(),
      otherPane: () => (this.side.contains(document.activeElement) ? this.focusText() : this.focusSide()),
      search: () => {
        this.show("codes");
        this.panes.codes.search.focus();
      },
      filterCode: () => this.pickCode({ title: "Show only the turns with", make: false, top: "Every code", near: this.filters, pick: ({ code, top }) => this.setFilter("code", top ? null : code.id) }),
      clearFilters: () => {
        this.filter = { code: null, coder: null, speaker: null };
        this.filterCodes = null;
        this.afterFilter();
      },
      blind: () => {
        this.blind = !this.blind;
        this.filter.coder = null;
        this.ask({ kind: "blind", on: this.blind });
        this.afterFilter();
        this.show(this.tab, false);
        this.say(this.blind ? "Blind: what others coded is hidden." : "What others coded is shown again.");
      },
      grid: () => {
        this.grid = !this.grid;
        reader.asGrid(this.grid);
      },
      newConfiguration: () => {
        this.show("configurations");
        this.panes.configurations.begin();
      },
      take: () => {
        this.show("configurations");
        if (!this.panes.configurations.chosen) return this.panes.configurations.begin();
        return this.tabPanel.querySelector("[data-key^='take-']:not([disabled])")?.focus();
      },
      nextDisagreement: () => {
        if (this.tab !== "compare") this.show("compare");
        this.panes.compare.step(1);
      },
      previousDisagreement: () => {
        if (this.tab !== "compare") this.show("compare");
        this.panes.compare.step(-1);
      },
      fill: () => this.fillWindow(),
      guide: () => {
        this.guide = !this.guide;
        this.remember();
        this.drawStep();
        if (this.guide && this.step.hidden) this.say("There is a configuration with evidence for and against it: nothing more to say.");
        if (!this.root.contains(document.activeElement)) this.focusText();
      },
      help: () => this.help(),
    };
    // From the text the hand stays in the text; F6 goes over to what was opened.
    if (TABS.some(([key]) => key === id)) this.show(id, !this.reader.element.contains(document.activeElement));
    else acts[id]?.();
  }

  /** Show the panel over everything else on the page, or in its place again. */
  fillWindow() {
    const { root } = this;
    const focused = document.activeElement;
    this.fill = !this.fill;
    if (typeof root.showPopover !== "function") {
      this.fill = false;
      this.say("This browser cannot do that; zoom the page out instead.", true);
      return;
    }
    if (this.fill) {
      root.popover = "manual";
      root.showPopover();
    } else {
      root.hidePopover();
      root.removeAttribute("popover");
    }
    this.filler.setAttribute("aria-pressed", String(this.fill));
    if (focused?.isConnected && root.contains(focused)) focused.focus({ preventScroll: true });
    this.reader.turns[this.reader.current]?.element.scrollIntoView({ block: "center" });
  }

  focusField(key) {
    [...this.tabPanel.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key)?.focus();
  }

  goUncoded(step) {
    const { reader } = this;
    const place = nextUncoded(reader.turns.length, (one) => reader.isCoded(one), (one) => !reader.turns[one].element.hidden, reader.current, step);
    if (place < 0) this.say("Every turn that is shown is coded.");
    else reader.go(place);
  }

  key(event) {
    if (event.defaultPrevented || savesNotebook(event)) return;
    const { target } = event;
    const isField = target.matches("input, textarea, select");
    const inText = this.reader.element.contains(target);
    if (isField) {
      if (event.key === "Escape" && !target.matches("select")) {
        target.blur();
        this.focusText();
        event.preventDefault();
      } else if (event.key === "F6") {
        this.run("otherPane");
        event.preventDefault();
      }
      event.stopPropagation();
      return;
    }
    const action = actionOf(event);
    // Beside the text, buttons and tabs keep the keys that work them.
    const free = inText || event.key === "F6" || (event.key.length === 1 && event.key !== " ");
    event.stopPropagation();
    if (!action || !free) return;
    event.preventDefault();
    this.run(action.id);
  }

  help() {
    const back = document.activeElement;
    const name = uniqueName("help");
    const close = () => {
      dialog.close();
      dialog.remove();
      if (back?.isConnected) back.focus({ preventScroll: true });
    };
    const menus = [...new Set(ACTIONS.map((action) => action.menu))];
    const dialog = h(
      "dialog",
      { class: "cop-help", "aria-labelledby": name },
      h("h2", { id: name }, "How to code"),
      h("ol", {},
        h("li", {}, "Go to a turn with ↓ and ↑. Select words with → and ←, with Shift for more; s takes the sentence, t the turn. Or drag with the mouse."),
        h("li", {}, "Press n and type what the words are about. Enter takes a code, or makes it."),
        h("li", {}, "Open Configurations (3), make one, choose a coded passage and put it into a slot. Look for what speaks against it as well."),
      ),
      menus.map((menu) => [h("h3", {}, menu), h("dl", {}, ACTIONS.filter((action) => action.menu === menu).map((action) => [h("dt", {}, action.keys.map((key, place) => [place ? " or " : "", h("kbd", {}, keyShown(key))])), h("dd", {}, action.label)]))]),
      button("Close", close),
    );
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      close();
    });
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      event.stopPropagation();
    });
    this.root.append(dialog);
    dialog.showModal();
  }

  close() {
    this.closed = true;
    clearTimeout(this.patience);
    window.removeEventListener("keydown", this.early, true);
    window.removeEventListener("pointerup", this.released);
    window.removeEventListener("pointercancel", this.released);
    this.model.off("msg:custom", this.heard);
    this.sizes.disconnect();
    this.reader.close();
  }
}

/** What a message says of a code that is made with it. */
function withNew(made) {
  return made ? { made: { name: made.name, parent: made.parent } } : {};
}

function savesNotebook(event) {
  return (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s";
}

/** What keeps a page's unsent changes over a reload, where the browser allows it. */
function safeStorage() {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}

function render({ model, el }) {
  const panel = new Panel(model, el);
  return () => panel.close();
}

export default { render };
