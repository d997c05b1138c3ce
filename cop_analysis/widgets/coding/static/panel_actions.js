/* What the panel does when it is asked to, by key or menu, and where it goes. */

import { button, h, uniqueName } from "./dom.js";
import { savesNotebook } from "./focus.js";
import { ACTIONS, actionOf, keyShown } from "./keys.js";
import { clipped } from "./offsets.js";
import { Changing, withNew } from "./panel_changes.js";
import { nextUncoded } from "./reading.js";

const WRITES = new Set(["code", "repeat", "recode", "delete", "memo", "documentMemo", "newCode", "undo", "redo", "newConfiguration", "take", "renameCode", "moveCode", "mergeCode", "deleteCode", "newVersion", "correct"]);
const NEEDS_EXTRACT = new Set(["recode", "delete", "memo", "take"]);
const NEEDS_CODE = new Set(["renameCode", "moveCode", "mergeCode", "deleteCode"]);

/** What stands beside the text. */
export const TABS = [
  ["codes", "Codes"],
  ["passage", "Passage"],
  ["configurations", "Configurations"],
  ["compare", "Compare"],
  ["theory", "Theory"],
];

/** The part of the panel that acts: every action of the menus by its name, and what is said of it. */
export class Acting extends Changing {
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

  /** Whether no key goes anywhere on the page. */
  isNowhere() {
    return !document.activeElement || document.activeElement === document.body;
  }

  focusSide() {
    const first = this.tabPanel.querySelector("[role=treeitem][tabindex='0']") ?? this.tabPanel.querySelector("button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled])");
    (first ?? this.tabs.find((one) => one.tabIndex === 0))?.focus();
  }

  afterChoice(identifier) {
    this.drawPlace();
    // Known at once, drawn later: whoever chooses another code meanwhile is not overruled.
    const code = identifier && this.records.get("extracts", identifier)?.code;
    if (code) this.panes.codes.chosen = code;
    this.later("extracts");
  }

  afterSelection(span) {
    clearTimeout(this.speaking);
    if (span) this.speaking = setTimeout(() => (this.selectionSaid.textContent = `Selected: ${clipped(this.reader.text.slice(span.start, span.end), 200)}`), 250);
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

  notice(sentence, action = "") {
    const there = [...this.notices.children].find((one) => one.firstChild?.textContent === sentence);
    if (there) return there;
    const line = h("p", {}, h("span", {}, sentence), " ", action, " ", button("Close", () => line.remove(), { class: "cop-button is-small" }));
    this.notices.append(line);
    return line;
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
        return this.pickCode({ title: `Code “${clipped(span.quote, 60)}” as`, more: true, pick: ({ code, made }) => this.addExtract(where, code.id, made) });
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
      correct: () => {
        this.show("passage");
        this.panes.passage.correct();
      },
      undo: () => this.turnBack("undo"),
      redo: () => this.turnBack("redo"),
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
      otherPane: () => {
        if (this.side.contains(document.activeElement)) return this.focusText();
        // What has changed may wait to be drawn: one goes to what is there now.
        this.drawPane();
        return this.focusSide();
      },
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

  /** What was said of the last act stands no more; what became of it is said once it is known. */
  turnBack(verb) {
    this.say("");
    this.do(verb, {}, [], verb);
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
    // A key whose field went away with it has done what it was to do.
    if (!event.target.isConnected) return;
    const target = this.root.contains(event.target) ? event.target : document.activeElement;
    if (target.closest("dialog")) return;
    const isField = target.matches("input, textarea, select");
    // A click on what takes no keys leaves them with the panel itself: they mean what they mean in the text.
    const inText = this.reader.element.contains(target) || target === this.root;
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
      // Opening goes to the first thing that can have the focus, which else is the button at the end.
      h("h2", { id: name, tabindex: "-1", autofocus: "" }, "How to code"),
      h("ol", {},
        h("li", {}, "Go to a turn with ↓ and ↑. Select words with → and ←, with Shift for more; s takes the sentence, t the turn. Or drag with the mouse."),
        h("li", {}, "Press n and type what the words are about. Enter takes a code, or makes it."),
        h("li", {}, "Open Configurations (3), make one, choose a coded passage and put it into a slot. Look for what speaks against it as well."),
      ),
      menus.map((menu) => [h("h3", {}, menu), h("ul", { class: "cop-keys" }, ACTIONS.filter((action) => action.menu === menu).map((action) => h("li", {}, h("span", {}, action.keys.map((key, place) => [place ? " or " : "", h("kbd", {}, keyShown(key))])), h("span", {}, action.label))))]),
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
}

/** What keeps a page's unsent changes over a reload, where the browser allows it. */
export function safeStorage() {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}
