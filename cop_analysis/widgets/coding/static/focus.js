/* Keeping the keys in a panel: in JupyterLab whatever has the focus outside it is a cell, and takes m, d and x as commands. */

const MARK = "data-lm-suppress-shortcuts";

/** Whether a key is the one that saves the notebook, which is JupyterLab's. */
export function savesNotebook(event) {
  return (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s";
}

/**
 * Keep the focus in a panel once it is there, until somebody takes it elsewhere by a click outside or by Tab.
 *
 * `home` gives the element that is to have the focus where what had it is gone; `key` hears a key that was pressed while
 * nothing had it. Returns what ends the keeping.
 */
export function keepFocus(root, { home = () => root, key = () => undefined } = {}) {
  // A click on what cannot have the focus gives it to the nearest element around that can: this one, and not the cell.
  root.tabIndex = -1;
  root.setAttribute("data-jp-suppress-context-menu", "true");
  let here = false;
  let pressed = false;
  let timer = 0;

  const isNowhere = () => !document.activeElement || document.activeElement === document.body;
  const fetch = () => {
    if (!root.isConnected || root.contains(document.activeElement)) return;
    const wanted = home() ?? root;
    wanted.focus({ preventScroll: true });
    if (!root.contains(document.activeElement)) root.focus({ preventScroll: true });
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (here && isNowhere()) fetch();
    }, 0);
  };

  const down = (event) => {
    pressed = root.contains(event.target);
    here = pressed;
  };
  // A click beside the panel, on a cell's prompt for one, moves no focus in JupyterLab, since the panel is of its notebook.
  const giveBack = (event) => {
    const notebook = root.closest(".jp-Notebook");
    if (event.type !== "click" || !notebook?.contains(event.target) || root.contains(event.target)) return;
    setTimeout(() => {
      if (!root.contains(document.activeElement)) return;
      document.activeElement.blur();
      (notebook.querySelector(".jp-Cell.jp-mod-active") ?? notebook).focus({ preventScroll: true });
    }, 0);
  };
  // JupyterLab gives the focus to the cell as the press begins, as it ends and at the click; the last word is ours.
  const up = (event) => {
    if (!pressed) {
      giveBack(event);
      return;
    }
    setTimeout(() => {
      if (here) fetch();
      pressed = false;
    }, 0);
  };
  const focused = (event) => {
    if (root.contains(event.target)) here = true;
    else if (pressed) setTimeout(() => here && fetch(), 0);
    else here = false;
  };
  const left = () => here && later();

  const early = (event) => {
    if (here && isNowhere()) {
      // What had the focus is gone: the key was meant for the panel, and would else be anybody's.
      fetch();
      if (savesNotebook(event) || event.key === "Tab") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      key(event);
      return;
    }
    if (!root.contains(event.target)) return;
    // JupyterLab looks for the mark on the very element that has the focus.
    if (savesNotebook(event)) for (const one of [root, ...root.querySelectorAll(`[${MARK}]`)]) one.removeAttribute(MARK);
    else event.target.setAttribute(MARK, "true");
  };

  const watch = new MutationObserver(() => here && isNowhere() && later());
  watch.observe(root, { childList: true, subtree: true, attributes: true, attributeFilter: ["disabled", "hidden", "open"] });
  window.addEventListener("pointerdown", down, true);
  for (const kind of ["pointerup", "pointercancel", "click", "auxclick", "contextmenu"]) window.addEventListener(kind, up, true);
  document.addEventListener("focusin", focused, true);
  root.addEventListener("focusout", left);
  window.addEventListener("keydown", early, true);
  return () => {
    clearTimeout(timer);
    watch.disconnect();
    window.removeEventListener("pointerdown", down, true);
    for (const kind of ["pointerup", "pointercancel", "click", "auxclick", "contextmenu"]) window.removeEventListener(kind, up, true);
    document.removeEventListener("focusin", focused, true);
    root.removeEventListener("focusout", left);
    window.removeEventListener("keydown", early, true);
  };
}
