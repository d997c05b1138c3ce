/* The panel: puts the parts together, carries messages to and from Python, and draws what is beside the text. */

import { CodesPane } from "./codes_pane.js";
import { NO_COLOUR, coloursOf } from "./colours.js";
import { ComparePane } from "./compare_pane.js";
import { ConfigurationPane } from "./configuration_pane.js";
import { button, choice, h, redraw, uniqueName } from "./dom.js";
import { withBelow } from "./finding.js";
import { keepFocus } from "./focus.js";
import { menuBar } from "./menus.js";
import { Outbox, PASSING, Records } from "./outbox.js";
import { initials } from "./overlaps.js";
import { Acting, TABS, safeStorage } from "./panel_actions.js";
import { RECENT } from "./panel_changes.js";
import { PassagePane } from "./passage_pane.js";
import { Picker } from "./picker.js";
import { Reader } from "./reader.js";
import { keepForm } from "./saved_form.js";
import { TheoryPane } from "./theory_pane.js";
import { isFilled, nextStep } from "./theory_words.js";

const NARROW = 600;
const GRID_KINDS = new Set(["survey answers"]);

class Panel extends Acting {
  constructor(model, host) {
    super();
    this.model = model;
    this.host = host;
    this.records = new Records({});
    this.coder = "";
    this.readOnly = "";
    this.document = null;
    this.documents = [];
    this.texts = new Map();
    this.carried = null;
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
    this.colours = new Map();
    this.gapRows = [];
    this.conflicts = [];
    this.dirty = new Set();
    this.started = false;
    this.build();
    this.heard = (message) => this.hear(message);
    model.on("msg:custom", this.heard);
    this.ask({ kind: "hello" });
    this.patience = setTimeout(() => {
      if (this.started) return;
      // Nothing is empty that could be read: where a notebook was saved, its static form stands below.
      this.root.classList.add("is-silent");
      this.notice("The kernel does not answer yet. If this stays, run the cell again. What was saved with the notebook can be read below.");
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
    this.queue = h("div", { class: "cop-queue", role: "group", "aria-label": "Not stored yet", hidden: true });
    this.roomier = h("p", { class: "cop-room", hidden: true }, h("span", {}, "There is little room here."), button("Fill the window", () => this.run("fill"), { class: "cop-button is-small is-main", title: "Fill the window (w)" }));
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
    this.tabPanel = h("div", { class: "cop-pane", role: "tabpanel", id: `${name}-panel`, tabindex: "0" });
    this.side.append(tabList, this.tabPanel);
    this.menus = menuBar({ run: (id) => this.run(id), isOn: (id) => this[id] === true, can: (id) => this.can(id), why: (id) => this.why(id) });
    this.root = h(
      "section",
      { class: "cop-coding", "aria-label": "Coding" },
      h("div", { class: "cop-top" }, this.title, this.where, this.filler),
      this.roomier,
      h("div", { class: "cop-bar" }, this.menus, this.filters),
      this.notices,
      this.alerts,
      this.step,
      h("div", { class: "cop-main" }, this.reader.element, this.side),
      this.queue,
      h("div", { class: "cop-foot" }, this.status, this.spoken, this.place),
      this.selectionSaid,
    );
    this.host.append(this.root);
    this.sizes = new ResizeObserver(() => {
      const { clientWidth: width } = this.root;
      this.root.classList.toggle("is-narrow", width < NARROW);
      this.roomier.hidden = this.fill || width >= NARROW || window.innerWidth < width + 120;
    });
    this.sizes.observe(this.root);
    this.picker = new Picker(this.root);
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.letGo = keepFocus(this.root, { home: () => this.home(), key: (event) => this.key(event) });
    this.minding();
    // What is typed in a field is not stored before it is left, and the foot says so.
    for (const kind of ["input", "change", "focusout"]) this.root.addEventListener(kind, () => this.afterTyping());
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

  /** Where the keys go on when what had them is gone. */
  home() {
    const dialog = this.root.querySelector("dialog[open] h2");
    if (dialog) return dialog;
    return this.picker.isOpen ? this.picker.field : (this.reader.turns[this.reader.current]?.element ?? this.root);
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
      if (message.said) this.say(message.said);
      this.askGaps();
    } else if (message.kind === "failed") {
      if (message.about === "do" && message.why in PASSING) this.outbox.held(message.op, message.why, message.sentence);
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
    } else if (message.kind === "form") keepForm(this.model, message);
    else if (message.kind === "carried") this.afterCarrying(message);
    else if (message.kind === "notice") this.notice(message.sentence);
  }

  begin(study) {
    clearTimeout(this.patience);
    const again = this.started;
    this.started = true;
    this.root.classList.remove("is-silent");
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
    this.lookAtCodes();
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
    this.outbox.coder = this.coder;
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
    this.changedLine?.remove();
    this.changedLine = message.changed ? this.notice(message.changed, button("Carry the coding over", () => this.carryOver(), { class: "cop-button is-small is-main", disabled: !this.canWrite })) : null;
    // The same document once more, its text corrected: one stays where one was.
    if (this.reader.document === message.document) this.wantedTurn ||= this.reader.current;
    const here = this.records.all("extracts").filter((one) => one.document === message.document);
    this.filter.speaker = null;
    this.reader.show(message, here);
    this.grid = GRID_KINDS.has(this.documents.find((one) => one.id === message.document)?.kind);
    this.reader.asGrid(this.grid);
    if (this.wantedTurn) this.reader.rove(this.wantedTurn);
    if (this.wantedTurn) this.reader.turns[this.reader.current]?.element.scrollIntoView({ block: "center" });
    this.wantedTurn = 0;
    if (this.wantedExtract) this.reader.chooseExtract(this.wantedExtract, true);
    this.wantedExtract = null;
    if (this.focusWanted || this.isNowhere()) this.focusText();
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
    const own = this.colours.get(code?.id) ?? NO_COLOUR;
    return `color-mix(in srgb, ${own} var(--own, 62%), var(--ink))`;
  }

  /** What is said of the codes and follows from all of them: short names and colours. */
  lookAtCodes() {
    const codes = this.records.all("codes");
    this.initials = initials(codes);
    this.colours = coloursOf(codes);
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
        this.focusText();
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
    // A field that is drawn away holds nothing any more.
    this.afterTyping();
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
      const nowhere = this.isNowhere();
      this.drawPane();
      if (this.isNowhere() && !nowhere) this.focusText();
      this.drawStep();
      if (dirty.has("coders")) this.drawWhere();
      if (dirty.has("coders") || dirty.has("codes")) this.drawFilters();
    }, 0));
  }

  close() {
    this.closed = true;
    clearTimeout(this.patience);
    this.letGo();
    window.removeEventListener("pointerup", this.released);
    window.removeEventListener("pointercancel", this.released);
    this.model.off("msg:custom", this.heard);
    this.sizes.disconnect();
    this.reader.close();
  }
}

function render({ model, el }) {
  const panel = new Panel(model, el);
  return () => panel.close();
}

export default { render };
