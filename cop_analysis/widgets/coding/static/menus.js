/* The menu bar: every action, with its key. Made from the list in keys.js. */

import { h, uniqueName } from "./dom.js";
import { ACTIONS, keyShown } from "./keys.js";

/** A bar of menus. `run` is given an action's identifier; `isOn` says which toggles are on; `can` what can be done now, `why` why not. */
export function menuBar({ run, isOn, can, why }) {
  const bar = h("div", { class: "cop-menus", role: "menubar", "aria-label": "Coding" });
  const names = [...new Set(ACTIONS.map((action) => action.menu))];
  const buttons = [];
  let open = null;

  const close = (focus = false) => {
    if (!open) return;
    open.menu.hidden = true;
    open.button.setAttribute("aria-expanded", "false");
    if (focus) open.button.focus();
    open = null;
  };

  const show = (place, focusFirst = true) => {
    close();
    const { button, menu, actions } = buttons[place];
    menu.replaceChildren(
      ...actions.map((action) =>
        h(
          "button",
          {
            type: "button",
            role: action.toggle ? "menuitemcheckbox" : "menuitem",
            tabindex: "-1",
            "aria-checked": action.toggle ? String(isOn(action.id)) : null,
            "aria-disabled": can(action.id) ? null : "true",
            title: why(action.id) || null,
            onclick: () => {
              close();
              run(action.id);
            },
          },
          h("span", {}, action.toggle && isOn(action.id) ? `✓ ${action.label}` : action.label),
          h("kbd", {}, keyShown(action.keys[0])),
        ),
      ),
    );
    menu.hidden = false;
    button.setAttribute("aria-expanded", "true");
    open = { place, button, menu };
    if (focusFirst) menu.firstElementChild?.focus();
  };

  const rove = (place) => {
    for (const [number, one] of buttons.entries()) one.button.tabIndex = number === place ? 0 : -1;
    buttons[place].button.focus();
  };

  for (const [place, name] of names.entries()) {
    const id = uniqueName("menu");
    const button = h(
      "button",
      {
        type: "button",
        role: "menuitem",
        class: "cop-menu-name",
        tabindex: place === 0 ? "0" : "-1",
        "aria-haspopup": "menu",
        "aria-expanded": "false",
        "aria-controls": id,
        onclick: () => (open?.place === place ? close(true) : show(place)),
      },
      name,
    );
    const menu = h("div", { id, class: "cop-menu", role: "menu", "aria-label": name, hidden: true });
    buttons.push({ button, menu, actions: ACTIONS.filter((action) => action.menu === name) });
    bar.append(h("div", { class: "cop-menu-place", role: "none" }, button, menu));
  }

  bar.addEventListener("keydown", (event) => {
    const inMenu = open && open.menu.contains(event.target);
    const at = open ? open.place : buttons.findIndex((one) => one.button === event.target);
    const items = open ? [...open.menu.children] : [];
    const item = items.indexOf(event.target);
    const step = (by) => {
      const next = (at + by + buttons.length) % buttons.length;
      if (open) show(next);
      else rove(next);
    };
    if (event.key === "ArrowRight") step(1);
    else if (event.key === "ArrowLeft") step(-1);
    else if (event.key === "ArrowDown") inMenu ? items[(item + 1) % items.length].focus() : show(at);
    else if (event.key === "ArrowUp" && inMenu) items[(item - 1 + items.length) % items.length].focus();
    else if (event.key === "Home" && inMenu) items[0].focus();
    else if (event.key === "End" && inMenu) items.at(-1).focus();
    else if (event.key === "Escape") close(true);
    else {
      if (event.key === "Tab") close();
      if (event.key === "Enter" || event.key === " ") event.stopPropagation();
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  bar.addEventListener("focusout", (event) => {
    if (!bar.contains(event.relatedTarget)) close();
  });
  return bar;
}
