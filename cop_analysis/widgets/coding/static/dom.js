/* Making elements. Words from data only ever become text nodes or attributes, never markup. */

let made = 0;
let drawing = false;

/** A name no other element on the page has. */
export function uniqueName(prefix = "cop") {
  made += 1;
  return `${prefix}-${made}-${Math.random().toString(36).slice(2, 7)}`;
}

/** Make an element: attributes, listeners as onclick and the like, then children (elements or words). */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else if (name === "checked" || name === "disabled" || name === "selected" || name === "hidden") element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** Draw a part anew without taking anything from the hands of whoever is in it: focus, caret and half-typed words stay. */
export function redraw(container, build) {
  const active = container.contains(document.activeElement) ? document.activeElement : null;
  const key = active?.closest("[data-key]")?.dataset.key;
  const typing = active && "selectionStart" in active && active.dataset.key;
  const caret = typing ? [active.selectionStart, active.selectionEnd] : null;
  const drafts = new Map();
  for (const field of container.querySelectorAll("textarea[data-key], input[data-key]")) {
    if (field.type !== "checkbox" && field.value !== field.defaultValue) {
      const words = field.classList.contains("is-saved") ? (field.ariaLabel ?? "") : "";
      drafts.set(field.dataset.key, [field.value, field.dataset.was ?? field.defaultValue, words]);
    }
  }
  const held = ".cop-form select[data-key], .cop-form input[type=checkbox][data-key]";
  const chosen = new Map([...container.querySelectorAll(held)].map((field) => [field.dataset.key, [field.value, field.checked]]));
  const top = container.scrollTop;
  // A field that is taken away while somebody types in it is not being left: what is in it goes on in the new one.
  drawing = true;
  try {
    container.replaceChildren(...[build()].flat(Infinity).filter(Boolean));
  } finally {
    drawing = false;
  }
  for (const field of container.querySelectorAll("textarea[data-key], input[data-key]")) {
    const draft = drafts.get(field.dataset.key);
    // What was being typed stays, and so does what it was begun from, so that a change by others is noticed.
    if (draft && field.value !== draft[0]) {
      field.value = draft[0];
      field.dataset.was = draft[1];
      field.dispatchEvent(new Event("input"));
    }
  }
  for (const field of container.querySelectorAll(held)) {
    if (chosen.has(field.dataset.key)) [field.value, field.checked] = chosen.get(field.dataset.key);
  }
  const still = new Set([...container.querySelectorAll("[data-key]")].map((one) => one.dataset.key));
  // A field that is shown no more takes nothing with it.
  for (const [name, [value, , words]] of drafts) if (words && !still.has(name)) keepUnsaved(name, value, words);
  container.scrollTop = top;
  if (!key) return;
  const again = [...container.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key);
  if (!again) return;
  again.focus({ preventScroll: true });
  if (caret && "setSelectionRange" in again) {
    try {
      again.setSelectionRange(caret[0], caret[1]);
    } catch {
      // Fields of some types have no caret to set.
    }
  }
}

/** What was typed and could not be stored, by the field it was typed in; it stays there until it is. */
export const unsaved = new Map();

/** Keep what was typed in a field and could not be stored; `words` say what it is. */
export function keepUnsaved(key, value, words = "") {
  unsaved.set(key, { value, words });
}

/** What is typed in fields and not stored, each in words. */
export function typedIn(root) {
  const fields = [...root.querySelectorAll(".cop-pane :is(textarea, input).cop-field:not([type=search])")];
  return fields.filter((one) => !one.disabled && one.value.trim() !== one.defaultValue.trim()).map((one) => one.ariaLabel || "what you typed");
}

/** A field that is stored when it is left, after a pause in typing, and with Ctrl+Enter. */
export function savedField(tag, { key, label, value, save, rows = 2, disabled = false, hint = "", placeholder = null }) {
  let timer = 0;
  const field = h(tag, {
    "data-key": key,
    "aria-label": label,
    title: hint || null,
    placeholder,
    rows: tag === "textarea" ? rows : null,
    type: tag === "input" ? "text" : null,
    disabled,
    class: "cop-field is-saved",
  });
  field.defaultValue = value;
  field.value = unsaved.get(key)?.value ?? value;
  if (unsaved.has(key)) field.classList.add("is-unsaved");
  const store = () => {
    clearTimeout(timer);
    if (drawing || !field.isConnected) return;
    if (field.value === field.defaultValue) {
      // Put back as it was stored: nothing of it waits any more.
      if (unsaved.delete(key)) field.classList.remove("is-unsaved");
      return;
    }
    const was = field.dataset.was ?? field.defaultValue;
    delete field.dataset.was;
    unsaved.delete(key);
    field.classList.remove("is-unsaved");
    const now = field.value;
    field.defaultValue = now;
    field.value = now;
    save(now, was);
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(store, 1200);
  });
  field.addEventListener("change", store);
  field.addEventListener("blur", store);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey || tag === "input")) store();
  });
  return field;
}

/** A choice of words; the empty one is said by `none`. */
export function choice({ key, label, value, options, none = null, change, disabled = false }) {
  const select = h("select", { "data-key": key, "aria-label": label, class: "cop-choice", disabled });
  if (none !== null) select.append(h("option", { value: "" }, none));
  for (const option of options) {
    const [word, text] = Array.isArray(option) ? option : [option, option];
    select.append(h("option", { value: word, selected: word === value }, text));
  }
  select.value = value ?? "";
  select.addEventListener("change", () => change(select.value || null));
  return select;
}

/** A control with its name over it. */
export function labelled(words, control) {
  return h("label", { class: "cop-label-of" }, words, control);
}

/** A button with what it does. */
export function button(words, run, attributes = {}) {
  return h("button", { type: "button", class: "cop-button", onclick: run, ...attributes }, words);
}

/** Keep an element inside another's view, moving no more than needed. */
export function keepInView(scroller, element, margin = 48) {
  const outer = scroller.getBoundingClientRect();
  const inner = element.getBoundingClientRect();
  if (inner.top < outer.top + margin) scroller.scrollTop += inner.top - outer.top - margin;
  else if (inner.bottom > outer.bottom - margin) {
    scroller.scrollTop += Math.min(inner.bottom - outer.bottom + margin, inner.top - outer.top - margin);
  }
}
