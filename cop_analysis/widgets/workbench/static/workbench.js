/* The workbench as it is drawn: six steps, what to do next, what came of it. Words from data only ever become text. */

const PIECE = 1 << 20;
const LARGEST = 64 * PIECE;
const PATIENCE = 4000;
const MANY = 12;

/** Make an element: attributes, listeners as onclick and the like, then children (elements or words). */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (["value", "checked", "hidden", "selected", "open", "max"].includes(name)) element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

const number = (value) => Number(value ?? 0).toLocaleString("en-GB");
const counted = (value, one, many = `${one}s`) => `${number(value)} ${Number(value) === 1 ? one : many}`;

/** What JupyterLab says of itself: the folder its server serves, and the address in front of its paths. */
function server() {
  try {
    const told = JSON.parse(document.getElementById("jupyter-config-data").textContent);
    return { root: told.serverRoot ?? "", base: new URL(told.baseUrl ?? "/", location.href).href };
  } catch {
    return { root: "", base: "" };
  }
}

let made = 0;

class Front {
  constructor(model, el) {
    this.model = model;
    this.server = server();
    this.state = { studies: [], facts: {}, busy: {}, said: {}, brought: [], kinds: [], next: {} };
    this.name = `cop-workbench-${(made += 1)}-${Math.random().toString(36).slice(2, 7)}`;
    this.titles = new Map();
    this.all = new Set();
    this.build();
    el.replaceChildren(this.root);
    this.hear = (message) => this.take(message);
    model.on("msg:custom", this.hear);
    this.ask({ kind: "hello", root: this.server.root });
    // Of the coding's focus.js, which is put in front of this module as saved_form.js is.
    this.letGo = keepFocus(this.root);
    this.keys = (event) => this.takeEnter(event);
    window.addEventListener("keydown", this.keys, true);
    this.clock = setInterval(() => this.drawClock(), 1000);
  }

  close() {
    this.letGo();
    window.removeEventListener("keydown", this.keys, true);
    clearInterval(this.clock);
    clearTimeout(this.patience);
    this.model.off("msg:custom", this.hear);
  }

  /** JupyterLab takes Enter away from forms in an output. */
  takeEnter(event) {
    if (!this.root.contains(event.target)) return;
    if (event.key === "Enter" && !event.isComposing && event.target.matches(".cop-wb-form input")) {
      event.preventDefault();
      event.stopPropagation();
      event.target.form.requestSubmit();
    }
  }

  /** Ask the kernel for something; where it stays silent, that is said. */
  ask(message, buffers) {
    clearTimeout(this.patience);
    this.patience = setTimeout(() => {
      if (this.state.busy?.verb) return;
      this.silent.hidden = false;
      this.silent.textContent = "Nothing answers: no kernel runs this notebook, or it was restarted. Choose Run, then Run All Cells, in the menu at the top.";
    }, PATIENCE);
    try {
      this.model.send(message, undefined, buffers);
    } catch {
      // What could not be sent is not answered, which is said above.
    }
  }

  take(message) {
    // Of the coding's saved_form.js, which is put in front of this module.
    if (message?.kind === "form") keepForm(this.model, message);
    if (message?.kind !== "state") return;
    clearTimeout(this.patience);
    this.silent.hidden = true;
    const before = this.state;
    this.state = { ...before, ...message };
    if (this.state.chosen !== before.chosen) this.all.clear();
    this.root.dataset.ready = "";
    this.draw(message);
    const moved = message.said?.tone === "status" && (message.chosen || "brought" in message);
    if (moved || (before.coding && message.coding === false)) this.root.scrollIntoView({ block: "start" });
    if ("coding" in message && message.coding && !before.coding) {
      this.goToCoding(600);
    }
  }

  /** Bring the coding that opens into sight as soon as it can be read, and give it the keys, unless somebody went elsewhere. */
  goToCoding(wait, tries = 300) {
    setTimeout(() => {
      if (!this.state.coding || !this.root.isConnected) return;
      const coding = this.root.closest(".jupyter-widgets, .jp-OutputArea-output")?.parentElement?.querySelector(".cop-coding[data-ready]");
      if (!coding) {
        if (tries) this.goToCoding(200, tries - 1);
        return;
      }
      coding.scrollIntoView({ block: "start" });
      const who = coding.querySelector("select[data-key=coder]");
      const at = who && !who.value ? coding.querySelector("[data-key=new-coder]") ?? who : coding.querySelector('.cop-turn[tabindex="0"]');
      if (this.root.contains(document.activeElement)) at?.focus({ preventScroll: true });
    }, wait);
  }

  // --- the frame ----------------------------------------------------------------------------------------------------

  build() {
    const button = (key, words, run, extra = {}) =>
      (this[`${key}Button`] = h("button", { type: "button", class: "cop-wb-button", "data-key": key, onclick: run, ...extra }, words));
    const field = (key, words, element, hint = "") => {
      element.id = `${this.name}-${key}`;
      this[`${key}Field`] = element;
      return h("div", { class: "cop-wb-field" }, h("label", { for: element.id }, words), element, hint && h("small", {}, hint));
    };
    this.next = h("p", { class: "cop-wb-next", role: "status" });
    this.alert = h("div", { class: "cop-wb-alert", role: "alert", hidden: true });
    this.said = h("p", { class: "cop-wb-said", role: "status", hidden: true });
    this.silent = h("p", { class: "cop-wb-alert", role: "alert", hidden: true });
    this.heading = h("h2", {}, "Workbench");
    this.picker = h("input", {
      type: "file", multiple: true, class: "cop-wb-unseen", tabindex: "-1", "aria-label": "Transcript, project and network files",
      accept: ".txt,.md,.markdown,.docx,.vtt,.srt,text/plain,.qdpx,.qde,.qdc,.qda,.sqlite3,.db,.csv,.xlsx,.graphml,.gexf,.gml,.net,.paj,.dl,.vna,.tsv,.dat",
      onchange: () => { this.send(this.picker.files); this.picker.value = ""; },
    });
    this.progress = h("progress", { "aria-label": "Progress of the report", max: 1 });
    this.step = {};
    const steps = [
      ["study", "Study", [
        button("new", "New study", () => this.unfold("new")), button("other", "Open another folder", () => this.unfold("other")),
      ], [
        (this.newFold = h("form", { class: "cop-wb-form", hidden: true, "aria-label": "New study", onsubmit: (event) => this.make(event) },
          field("title", "Name of the study", h("input", { type: "text", maxlength: 200, autocomplete: "off", placeholder: "such as Prescribers' forum 2024" }), "Its folder is named after it. You can change the name later, in study.toml."),
          field("place", "Where its folder goes", h("input", { type: "text", autocomplete: "off", spellcheck: "false" }), "Keep data about people where your organisation allows it."),
          h("label", { class: "cop-wb-check" }, (this.exampleField = h("input", { type: "checkbox" })), " Fill in a few invented rows to learn from"),
          h("button", { type: "submit", class: "cop-wb-button is-main" }, "Make the study"))),
        (this.otherFold = h("form", { class: "cop-wb-form", hidden: true, "aria-label": "Open another folder", onsubmit: (event) => { event.preventDefault(); this.choose(this.folderField.value); } },
          field("folder", "Path of the study folder", h("input", { type: "text", autocomplete: "off", spellcheck: "false", placeholder: "as the file manager shows it" }), "The folder that holds study.toml."),
          h("button", { type: "submit", class: "cop-wb-button is-main" }, "Open the folder"))),
      ], field("study", "Study", h("select", { onchange: () => this.choose(this.studyField.value) }))],
      ["documents", "Documents", [button("files", "Choose files", () => this.when(this.filesButton, () => this.picker.click())), this.picker], [
        (this.broughtPlace = h("div", { class: "cop-wb-brought" })),
        (this.documentsPlace = h("div", {})),
      ]],
      ["code", "Code", [button("code", "Code the documents", () => this.when(this.codeButton, () => this.ask({ kind: "code" }))), button("close", "Close the coding", () => this.ask({ kind: "close" }), { hidden: true })], []],
      ["check", "Check", [button("check", "Check the study", () => this.when(this.checkButton, () => this.ask({ kind: "check" })))], [(this.checkPlace = h("div", { "aria-live": "polite" }))]],
      ["report", "Report", [button("report", "Run the report", () => this.when(this.reportButton, () => this.ask({ kind: "report", period: this.periodField.value })))], [
        (this.reportPlace = h("div", { "aria-live": "polite" })),
      ], (this.periodPlace = field("period", "Period", h("select", {})))],
      ["waiting", "Decisions that wait", [button("waiting", "See what waits", () => this.when(this.waitingButton, () => this.ask({ kind: "waiting" })))], [(this.waitingPlace = h("div", { "aria-live": "polite" }))]],
    ];
    const list = steps.map(([key, title, actions, body, beside], index) => {
      const summary = h("p", { class: "cop-wb-sum" });
      const doing = h("div", { class: "cop-wb-doing", hidden: true });
      const item = h("li", { class: "cop-wb-step", "data-step": key },
        h("div", { class: "cop-wb-head" },
          h("h3", {}, h("span", { class: "cop-wb-number" }, `${index + 1}`), " ", title), h("div", { class: "cop-wb-beside" }, beside, summary), h("div", { class: "cop-wb-actions" }, actions)),
        doing, body.length ? h("div", { class: "cop-wb-body" }, body) : null);
      this.step[key] = { item, summary, doing };
      return item;
    });
    const drop = this.step.documents.item;
    for (const kind of ["dragenter", "dragover"]) {
      drop.addEventListener(kind, (event) => {
        if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
        event.preventDefault();
        event.stopPropagation();
        drop.classList.add("is-over");
      });
    }
    drop.addEventListener("dragleave", () => drop.classList.remove("is-over"));
    drop.addEventListener("drop", (event) => {
      drop.classList.remove("is-over");
      if (!event.dataTransfer?.files?.length) return;
      event.preventDefault();
      event.stopPropagation();
      this.send(event.dataTransfer.files);
    });
    this.root = h("section", { class: "cop-workbench", "aria-label": "Workbench" },
      this.heading, this.silent, this.next, this.alert, this.said, h("ol", { class: "cop-wb-steps" }, list));
  }

  // --- what is asked ------------------------------------------------------------------------------------------------

  when(button, run) {
    if (button.getAttribute("aria-disabled") !== "true") run();
  }

  /** Open one of the two forms of the first step, or close the one that is open. */
  unfold(which) {
    for (const [name, fold] of [["new", this.newFold], ["other", this.otherFold]]) {
      fold.hidden = name !== which || !fold.hidden;
      this[`${name}Button`].setAttribute("aria-expanded", fold.hidden ? "false" : "true");
      if (!fold.hidden) fold.querySelector("input").focus();
    }
  }

  choose(folder) {
    this.ask({ kind: "choose", folder });
  }

  make(event) {
    event.preventDefault();
    this.ask({ kind: "make", title: this.titleField.value, place: this.placeField.value, example: this.exampleField.checked });
  }

  /** Send files in pieces small enough for every server between here and the kernel. */
  async send(files) {
    for (const file of [...files]) {
      if (file.size > LARGEST) {
        this.complain(`${file.name} is larger than 64 MB: split it, or save it as plain text.`);
        continue;
      }
      const upload = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
      let content;
      try {
        content = await file.arrayBuffer();
      } catch {
        this.complain(`${file.name} cannot be read: choose a file, not a folder, and close it in other programs.`);
        continue;
      }
      const of = Math.max(1, Math.ceil(content.byteLength / PIECE));
      for (let index = 0; index < of; index += 1) {
        const piece = content.slice(index * PIECE, (index + 1) * PIECE);
        this.ask({ kind: "piece", upload, name: file.name, number: index, of }, [new DataView(piece)]);
      }
    }
  }

  complain(sentence) {
    this.alert.hidden = false;
    this.alert.replaceChildren(h("p", {}, sentence));
  }

  // --- drawing ------------------------------------------------------------------------------------------------------

  draw(fresh) {
    const { state } = this;
    const { facts, busy, said } = state;
    const open = Boolean(state.chosen) && !facts.fault;
    const invented = facts.simulated && !/simulated|invented/i.test(facts.title) ? " (invented data)" : "";
    this.heading.textContent = open ? `${facts.title || facts.name}${invented}` : "Workbench";
    this.next.replaceChildren(h("strong", {}, "Next: "), state.next.sentence ?? "");
    if ("said" in fresh) {
      const lines = String(said.text ?? "").split("\n").filter(Boolean);
      this.alert.hidden = said.tone !== "alert" || !lines.length;
      this.alert.replaceChildren(...(said.tone === "alert" ? lines.map((line) => h("p", {}, line)) : []));
      this.said.hidden = said.tone !== "status" || !lines.length;
      this.said.textContent = said.tone === "status" ? lines.join(" ") : "";
    }
    for (const [key, { item }] of Object.entries(this.step)) {
      item.classList.toggle("is-next", key === state.next.where);
      if (key === state.next.where) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    }
    if ("studies" in fresh || "chosen" in fresh) this.drawStudies();
    if ("place" in fresh && !this.placeField.value) this.placeField.value = state.place;
    if ("said" in fresh && said.tone === "status" && state.chosen) {
      this.unfold("");
    }
    if ("facts" in fresh) this.drawFacts();
    if ("brought" in fresh || "projects" in fresh || "networks" in fresh || "facts" in fresh) this.drawBrought();
    if ("checked" in fresh) this.drawChecked();
    if ("reported" in fresh || "latest" in fresh || "facts" in fresh) this.drawReport();
    if ("waiting" in fresh) this.drawWaiting();
    const blocked = Boolean(busy.verb);
    const able = { files: open && facts.canWrite, code: open && facts.documents?.length, check: open && !blocked, report: open && !blocked, waiting: open && !blocked };
    for (const [key, can] of Object.entries(able)) {
      const button = this[`${key}Button`];
      button.setAttribute("aria-disabled", can ? "false" : "true");
      // While files wait, the one thing to press is below them.
      const wanted = state.next.where === "documents" ? (state.brought.length ? "" : "files") : state.next.where;
      button.classList.toggle("is-main", key === wanted);
    }
    this.closeButton.hidden = !state.coding;
    this.codeButton.hidden = Boolean(state.coding);
    this.drawBusy();
  }

  drawStudies() {
    const { studies, chosen } = this.state;
    const known = studies.some((one) => one.path === chosen);
    this.studyField.replaceChildren(
      ...(known ? [] : [h("option", { value: "" }, studies.length ? "Choose a study" : "none found nearby")]),
      ...studies.map((one) => h("option", { value: one.path }, one.label)),
    );
    this.studyField.value = known ? chosen : "";
    if (!studies.length && !chosen && this.otherFold.hidden) this.newFold.hidden = false;
  }

  drawFacts() {
    const { facts, chosen } = this.state;
    const documents = facts.documents ?? [];
    const say = (key, words) => { this.step[key].summary.textContent = words; };
    const open = Boolean(chosen) && !facts.fault;
    say("study", !chosen ? "" : facts.fault ? "This folder is no study." : facts.canWrite ? "" : "It can be read, not written.");
    say("documents", !open ? "" : facts.faults ? "They show once the faults are corrected." : documents.length ? `${counted(documents.length, "document")}.` : "None yet.");
    const parts = [counted(facts.extracts, "passage"), counted(facts.configurations, "configuration")];
    const against = facts.configurations ? `; ${number(facts.refuted)} with evidence against` : "";
    say("code", !open ? "" : facts.codingFault ? facts.codingFault : documents.length ? (facts.extracts || facts.configurations ? `${parts.join(", ")}${against}.` : "Nothing is coded yet.") : facts.faults ? "" : "It begins with a document.");
    const unfolded = this.documentsPlace.querySelector("details")?.open;
    const shown = documents.slice(0, this.all.has("documents") ? documents.length : MANY);
    const hint = h("p", { class: "cop-wb-hint" }, "Transcripts and notes as plain text, Markdown, Word (.docx) or captions (.vtt, .srt); projects of NVivo, ATLAS.ti, MAXQDA (.qdpx), QualCoder or Taguette; tables of coded segments; networks (GraphML, GEXF, GML, Pajek, UCINET DL, VNA, a CSV of ties or of names, a matrix). Drop the files on this step or choose them. Take people's names out first: write P01, P02.");
    this.documentsPlace.replaceChildren(...(!open ? [] : documents.length ? [
      h("details", { class: "cop-wb-fold", open: unfolded }, h("summary", {}, "Show them, and how to add more"), hint,
        h("ul", { class: "cop-wb-list" }, shown.map((one) => h("li", { dir: "auto" }, h("b", {}, one.id), ` ${one.title}`, one.kind && h("small", {}, ` ${one.kind}`)))),
        this.more("documents", documents.length - shown.length, "document", () => this.drawFacts())),
    ] : [hint]));
    const was = this.periodField.value;
    this.periodField.replaceChildren(h("option", { value: "" }, "Everything"), ...(facts.periods ?? []).map((one) => h("option", { value: one }, one)));
    this.periodField.value = (facts.periods ?? []).includes(was) ? was : "";
    this.periodPlace.hidden = !(facts.periods ?? []).length;
  }

  more(key, count, noun, draw) {
    if (count <= 0) return "";
    return h("button", { type: "button", class: "cop-wb-link", onclick: () => { this.all.add(key); draw(); } }, `Show ${counted(count, `more ${noun}`, `more ${noun}s`)}`);
  }

  drawBrought() {
    const { brought, kinds, facts, projects = [], networks = [] } = this.state;
    const had = this.broughtPlace.contains(document.activeElement) ? document.activeElement.id : "";
    const back = () => had && document.getElementById(had)?.focus({ preventScroll: true });
    const kept = new Map([...this.broughtPlace.querySelectorAll("[data-upload]")].map((card) => [card.dataset.upload, [card.querySelector("input").value, card.querySelector("select[data-kind]").value]]));
    const waiting = [...projects.map((one) => this.project(one)), ...networks.map((one) => this.network(one))];
    if (!brought.length) {
      this.broughtPlace.replaceChildren(...waiting);
      back();
      return;
    }
    const cards = brought.map((one, index) => {
      const [title, kind] = kept.get(one.upload) ?? [one.title, kinds[0]];
      const titleId = `${this.name}-t${index}`;
      const kindId = `${this.name}-k${index}`;
      return h("li", { class: "cop-wb-card", "data-upload": one.upload },
        h("p", { dir: "auto" }, h("b", {}, one.name), `: ${one.sentence}`),
        one.warnings.map((line) => h("p", { class: "cop-wb-warning" }, line)),
        one.headings?.length ? h("p", { class: "cop-wb-hint" }, `Taken for headings, not people: ${one.headings.join(", ")}.`) : "",
        this.labels(one, index),
        h("div", { class: "cop-wb-row" },
          h("div", { class: "cop-wb-field" }, h("label", { for: titleId }, "Title (no names of people)"), h("input", { id: titleId, type: "text", maxlength: 200, value: title })),
          h("div", { class: "cop-wb-field is-short" }, h("label", { for: kindId }, "Kind"), h("select", { id: kindId, "data-kind": true, value: kind }, kinds.map((word) => h("option", { value: word, selected: word === kind }, word)))),
          h("button", { type: "button", class: "cop-wb-button", onclick: () => this.ask({ kind: "drop", upload: one.upload }) }, "Leave out")));
    });
    const words = brought.length === 1 ? "Add this document to the study" : `Add these ${brought.length} documents to the study`;
    this.broughtPlace.replaceChildren(
      ...waiting,
      h("p", {}, "Read, and not kept yet. Look at each, then add them."),
      h("ul", { class: "cop-wb-cards" }, cards),
      h("button", { type: "button", class: "cop-wb-button is-main", "aria-disabled": facts.canWrite ? "false" : "true", onclick: (event) => this.when(event.currentTarget, () => this.keep()) }, words),
    );
  }

  /** Ask whose the labels of a document are that may be no speaker of their own. */
  labels(one, index) {
    if (!one.questions?.length) return "";
    const fields = one.questions.map((asked, number) => {
      const id = `${this.name}-q${index}-${number}`;
      const plain = asked.label.replace(/[\s:;]+$/, "");
      const people = [...new Set([...one.speakers, ...(asked.suggestion ? [asked.suggestion] : []), plain])];
      return h("div", { class: "cop-wb-field" }, h("label", { for: id, dir: "auto" }, asked.sentence),
        h("select", { id, "data-label": asked.label },
          h("option", { value: "" }, "Not a person"),
          people.map((who) => h("option", { value: who, selected: who === asked.suggestion }, who === plain && !one.speakers.includes(who) ? `A person: ${who}` : `The same as ${who}`))));
    });
    const settle = (event) => {
      const card = event.currentTarget.closest("[data-upload]");
      const answers = Object.fromEntries([...card.querySelectorAll("select[data-label]")].map((field) => [field.dataset.label, field.value]));
      this.ask({ kind: "settle", upload: one.upload, answers });
    };
    return h("fieldset", { class: "cop-wb-labels" }, h("legend", {}, "Whose are these labels?"), fields,
      h("button", { type: "button", class: "cop-wb-button", onclick: settle }, "Read it again with these answers"));
  }

  /** Show a project of another program that was looked at, with the readings of its positions where they are in doubt. */
  project(one) {
    const bring = (reading) => this.ask({ kind: "bring", upload: one.upload, offsets: reading?.offsets ?? "auto", lineBreaks: reading?.lineBreaks ?? "auto" });
    const able = this.state.facts.canWrite ? "false" : "true";
    const button = (words, reading) => h("button", { type: "button", class: "cop-wb-button is-main", "aria-disabled": able, onclick: (event) => this.when(event.currentTarget, () => bring(reading)) }, words);
    return h("div", { class: "cop-wb-card", "data-project": one.upload },
      h("p", { dir: "auto" }, h("b", {}, one.name), `: ${one.sentence}`),
      h("ul", { class: "cop-wb-list is-wide" }, one.lines.map((line) => h("li", { dir: "auto" }, line))),
      one.readings.length ? [
        h("p", { class: "cop-wb-warning" }, "The file does not settle what its positions count. Which of these quotes begin and end at words? Choose that reading."),
        one.readings.map((reading) => h("div", { class: "cop-wb-reading" },
          h("ul", { class: "cop-wb-list is-wide" }, reading.quotes.map((quote) => h("li", { dir: "auto" }, `“${quote}”`))),
          button(`Bring it in so: ${reading.name}`, reading))),
      ] : button("Bring this project into the study"),
      h("button", { type: "button", class: "cop-wb-button", onclick: () => this.ask({ kind: "drop", upload: one.upload }) }, "Leave out"));
  }

  /** Show a network that was looked at: what it would bring, and the questions a file cannot answer. */
  network(one) {
    const id = (name) => `${this.name}-${one.upload}-${name}`;
    const value = (card, name) => card.querySelector(`[data-answer=${name}]`)?.value ?? "";
    const answers = (card) => Object.fromEntries(["relation", "newRelation", "wave", "newWave", "layout", "directed", "people"].map((name) => [name, value(card, name)]));
    const say = (kind) => (event) => this.ask({ kind, upload: one.upload, answers: answers(event.currentTarget.closest("[data-network]")) });
    const list = (name, words, options, chosen) => h("div", { class: "cop-wb-field" }, h("label", { for: id(name) }, words),
      h("select", { id: id(name), "data-answer": name, onchange: say("network") }, options.map(([key, text]) => h("option", { value: key, selected: key === chosen }, text))));
    const typed = (name, words, hint, text) => h("div", { class: "cop-wb-field" }, h("label", { for: id(name) }, words),
      h("input", { id: id(name), type: "text", maxlength: 80, "data-answer": name, value: text }), h("small", {}, hint));
    const known = (all) => all.map((each) => [each.key, each.words]);
    const isNew = { relation: !one.relation, wave: !one.wave };
    const able = this.state.facts.canWrite ? "false" : "true";
    return h("div", { class: "cop-wb-card", "data-network": one.upload },
      h("p", { dir: "auto" }, h("b", {}, one.name), `: ${one.sentence}`),
      one.lines.length ? h("ul", { class: "cop-wb-list is-wide" }, one.lines.map((line) => h("li", { dir: "auto" }, line))) : "",
      one.layouts.length ? list("layout", "How the table is to be read", [["", "Choose"], ...known(one.layouts)], one.layout) : "",
      one.relations.length ? list("relation", "What connects people", [...known(one.relations), ["", "A relation the study has not got yet"]], one.relation) : "",
      isNew.relation ? [
        typed("newRelation", one.relations.length ? "Name of the new relation" : "What connects people", "A word or two, such as advice. It is added to study.toml.", one.newRelation),
        one.directed ? list("directed", "Direction of a tie", [["yes", "One way"], ["no", "None"]], one.directed) : "",
      ] : "",
      one.waves.length ? list("wave", "When it was asked", [...known(one.waves), ["", "A time the study has not got yet"]], one.wave) : "",
      isNew.wave ? typed("newWave", one.waves.length ? "Name of the new time" : "When it was asked", "Such as Baseline. It is added to study.toml.", one.newWave) : "",
      one.unknown || one.people === "add" ? list("people", "People who are not in people.csv", [["add", "Add them to it"], ["leave", "Leave their ties out"]], one.people) : "",
      h("div", { class: "cop-wb-row" },
        h("button", { type: "button", class: "cop-wb-button is-main", "aria-disabled": able, onclick: ({ currentTarget }) => this.when(currentTarget, () => say("bring-network")({ currentTarget })) }, "Bring this network into the study"),
        h("button", { type: "button", class: "cop-wb-button", onclick: () => this.ask({ kind: "drop", upload: one.upload }) }, "Leave out")));
  }

  keep() {
    const documents = [...this.broughtPlace.querySelectorAll("[data-upload]")].map((card) => ({
      upload: card.dataset.upload, title: card.querySelector("input").value, kind: card.querySelector("select[data-kind]").value,
    }));
    this.ask({ kind: "keep", documents });
  }

  drawBusy() {
    const { busy } = this.state;
    for (const [key, { item, doing }] of Object.entries(this.step)) {
      const mine = busy.verb === key;
      item.setAttribute("aria-busy", mine ? "true" : "false");
      if (!mine) {
        doing.hidden = true;
        doing.replaceChildren();
        continue;
      }
      if (doing.hidden) {
        this.began = Date.now();
        this.busyWords = h("span", {}, `${busy.words}. `);
        this.busyClock = h("span", { "aria-hidden": "true" });
        doing.replaceChildren(
          h("span", { class: "cop-wb-spinner", "aria-hidden": "true" }),
          h("p", { role: "status" }, this.busyWords), this.busyClock, key === "report" ? this.progress : "",
          key === "waiting" ? "" : h("button", { type: "button", class: "cop-wb-button", onclick: () => this.ask({ kind: "stop" }) }, "Stop"));
        doing.hidden = false;
      }
      if (busy.total) {
        this.progress.max = busy.total;
        this.progress.value = busy.done;
        this.busyWords.textContent = `${busy.words}: step ${busy.done} of ${busy.total}, ${busy.step}. `;
      } else {
        this.progress.removeAttribute("value");
      }
    }
    this.drawClock();
  }

  drawClock() {
    if (!this.state.busy?.verb || !this.busyClock) return;
    const seconds = Math.round((Date.now() - this.began) / 1000);
    this.busyClock.textContent = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  }

  verdict(tone, words) {
    return h("p", { class: `cop-wb-verdict is-${tone}` }, h("b", {}, words));
  }

  drawChecked() {
    const { checked } = this.state;
    this.step.check.summary.textContent = checked ? "" : this.state.chosen && !this.state.facts.fault ? "Not checked since you opened it." : "";
    if (!checked) {
      this.checkPlace.replaceChildren();
      return;
    }
    const faults = (list) => list.map((one) => h("li", {}, h("b", {}, one.place), `: ${one.what}. `, h("span", { class: "cop-wb-fix" }, `To correct it: ${one.fix}.`)));
    const left = (count, shown, noun) => (count > shown ? h("p", {}, `and ${counted(count - shown, `more ${noun}`, `more ${noun}s`)}.`) : "");
    this.checkPlace.replaceChildren(
      this.verdict(checked.tone, checked.verdict),
      ...(checked.errors.length ? [h("ul", { class: "cop-wb-list is-wide" }, faults(checked.errors)), left(checked.errorCount, checked.errors.length, "fault")] : []),
      ...checked.audit.map((line) => h("p", {}, h("b", {}, "Number audit: "), line)),
      ...(checked.noteCount ? [h("details", { class: "cop-wb-fold" }, h("summary", {}, `${counted(checked.noteCount, "note")}, which no report waits for`), h("ul", { class: "cop-wb-list is-wide" }, faults(checked.notes)), left(checked.noteCount, checked.notes.length, "note"))] : []),
    );
  }

  drawReport() {
    const { reported, latest, facts, chosen } = this.state;
    const link = (address, words) => h("a", { class: "cop-wb-open", href: this.server.base + address, target: "_blank", rel: "noopener" }, words);
    const open = Boolean(chosen) && !facts.fault;
    this.step.report.summary.textContent = latest ? `The latest was begun ${latest.began}${latest.period ? `, for ${latest.period}` : ""}${latest.status === "failed" ? "; a notebook failed in it" : ""}.` : open ? "None was made yet." : "";
    const parts = [];
    if (reported) {
      parts.push(this.verdict(reported.tone, reported.verdict));
      if (reported.lines.length) parts.push(h("ul", { class: "cop-wb-list is-wide" }, reported.lines.map((line) => h("li", {}, line))));
      if (reported.lineCount > reported.lines.length) parts.push(h("p", {}, `and ${number(reported.lineCount - reported.lines.length)} more lines.`));
    }
    if (latest) {
      parts.push(latest.address && this.server.base
        ? h("p", { class: "cop-wb-links" }, link(latest.address, "Open the report"), latest.allAddress ? link(latest.allAddress, "All reports") : "")
        : h("p", {}, "Open it from your folders:"));
      parts.push(h("p", { class: "cop-wb-place" }, "It is the file ", h("code", {}, latest.page), "; its folder stands alone and can be sent or carried."));
    }
    this.reportPlace.replaceChildren(...parts);
  }

  drawWaiting() {
    const { waiting } = this.state;
    const counts = (waiting ?? []).filter((one) => one.key !== "notes").map((one) => one.count);
    const total = counts.reduce((sum, one) => sum + one, 0);
    this.step.waiting.summary.textContent = waiting ? (total ? `${counted(total, "thing waits", "things wait")}.` : "Nothing waits.") : "";
    if (!waiting) {
      this.waitingPlace.replaceChildren();
      return;
    }
    const some = waiting.filter((one) => one.count);
    const unknown = waiting.filter((one) => one.unknown);
    const none = waiting.filter((one) => !one.count && !one.unknown);
    this.waitingPlace.replaceChildren(
      ...some.map((one) => {
        const shown = one.lines.slice(0, this.all.has(one.key) ? one.lines.length : MANY);
        const fold = h("details", { class: "cop-wb-fold", open: one.key !== "notes" && one.count <= MANY },
          h("summary", {}, h("b", {}, one.title), ` (${number(one.count)})`),
          h("p", { class: "cop-wb-hint" }, one.where),
          h("ul", { class: "cop-wb-list is-wide" }, shown.map((line) => h("li", { dir: "auto" }, `${line.sentence} `, h("span", { class: "cop-wb-fix" }, `Where: ${line.where}.`)))),
          this.more(one.key, one.lines.length - shown.length, "line", () => { this.all.add(`open ${one.key}`); this.drawWaiting(); }),
          this.all.has(one.key) && one.count > one.lines.length ? h("p", {}, `and ${number(one.count - one.lines.length)} more, which are not listed here.`) : "");
        if (this.all.has(`open ${one.key}`)) fold.open = true;
        return fold;
      }),
      ...unknown.map((one) => h("p", {}, h("b", {}, `${one.title}: `), one.unknown)),
      none.length ? h("ul", { class: "cop-wb-list is-quiet" }, none.map((one) => h("li", {}, one.none))) : "",
    );
  }
}

function render({ model, el }) {
  const front = new Front(model, el);
  return () => front.close();
}

export default { render };
