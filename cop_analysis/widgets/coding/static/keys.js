/* Every action with its name, its menu and its keys, in one list from which menus, keyboard and help are made. */

export const ACTIONS = [
  { id: "code", menu: "Code", label: "Code the selection", keys: ["n", "Enter"] },
  { id: "repeat", menu: "Code", label: "Repeat the last code", keys: ["r"] },
  { id: "recode", menu: "Code", label: "Give the extract another code", keys: ["k"] },
  { id: "delete", menu: "Code", label: "Delete the extract", keys: ["Delete", "Backspace"] },
  { id: "memo", menu: "Code", label: "Write a memo on the extract", keys: ["m"] },
  { id: "documentMemo", menu: "Code", label: "Write a memo on the document", keys: ["d"] },
  { id: "newCode", menu: "Code", label: "Make a new code", keys: ["Shift+N"] },
  { id: "renameCode", menu: "Code", label: "Rename the code chosen in the tree", keys: ["F2"] },
  { id: "moveCode", menu: "Code", label: "Move that code under another", keys: [">"] },
  { id: "mergeCode", menu: "Code", label: "Merge that code into another", keys: ["="] },
  { id: "deleteCode", menu: "Code", label: "Delete that code", keys: ["Shift+Delete"] },
  { id: "undo", menu: "Edit", label: "Undo", keys: ["z", "Ctrl+z"] },
  { id: "redo", menu: "Edit", label: "Redo", keys: ["Shift+Z", "Ctrl+y", "Ctrl+Shift+Z"] },
  { id: "correct", menu: "Edit", label: "Correct the words of this turn", keys: ["x"] },
  { id: "sentence", menu: "Select", label: "Select the sentence, then the next as well", keys: ["s"] },
  { id: "turn", menu: "Select", label: "Select the whole turn", keys: ["t"] },
  { id: "wordRight", menu: "Select", label: "Next word", keys: ["ArrowRight"] },
  { id: "wordLeft", menu: "Select", label: "Word before", keys: ["ArrowLeft"] },
  { id: "moreRight", menu: "Select", label: "One word more", keys: ["Shift+ArrowRight"] },
  { id: "moreLeft", menu: "Select", label: "One word more, backwards", keys: ["Shift+ArrowLeft"] },
  { id: "moreDown", menu: "Select", label: "To the end of the turn, then the next turn", keys: ["Shift+ArrowDown"] },
  { id: "moreUp", menu: "Select", label: "To the beginning of the turn", keys: ["Shift+ArrowUp"] },
  { id: "clear", menu: "Select", label: "Select nothing", keys: ["Escape"] },
  { id: "down", menu: "Go", label: "Next turn", keys: ["ArrowDown", "j"] },
  { id: "up", menu: "Go", label: "Turn before", keys: ["ArrowUp", "i"] },
  { id: "uncoded", menu: "Go", label: "Next uncoded turn", keys: ["u"] },
  { id: "uncodedBack", menu: "Go", label: "Uncoded turn before", keys: ["Shift+U"] },
  { id: "nextExtract", menu: "Go", label: "Next extract", keys: ["]"] },
  { id: "previousExtract", menu: "Go", label: "Extract before", keys: ["["] },
  { id: "firstTurn", menu: "Go", label: "First turn", keys: ["Home"] },
  { id: "lastTurn", menu: "Go", label: "Last turn", keys: ["End"] },
  { id: "document", menu: "Go", label: "Another document", keys: ["o"] },
  { id: "otherPane", menu: "Go", label: "Between text and side", keys: ["F6"] },
  { id: "codes", menu: "View", label: "Codes", keys: ["1"] },
  { id: "passage", menu: "View", label: "Passage and memos", keys: ["2"] },
  { id: "configurations", menu: "View", label: "Configurations", keys: ["3"] },
  { id: "compare", menu: "View", label: "Compare two coders", keys: ["4"] },
  { id: "theory", menu: "View", label: "Theory versions", keys: ["5"] },
  { id: "search", menu: "View", label: "Search the codes", keys: ["/"] },
  { id: "filterCode", menu: "View", label: "Show only one code", keys: ["f"] },
  { id: "clearFilters", menu: "View", label: "Show everything again", keys: ["Shift+F"] },
  { id: "blind", menu: "View", label: "Blind: hide what others coded", keys: ["b"], toggle: true },
  { id: "grid", menu: "View", label: "Answers as a grid", keys: ["g"], toggle: true },
  { id: "fill", menu: "View", label: "Fill the window", keys: ["w"], toggle: true },
  { id: "newConfiguration", menu: "Theory", label: "New configuration", keys: ["c"] },
  { id: "take", menu: "Theory", label: "Take the extract into the configuration", keys: ["e"] },
  { id: "newVersion", menu: "Theory", label: "New version of the theory", keys: ["v"] },
  { id: "nextDisagreement", menu: "Theory", label: "Next disagreement", keys: ["."] },
  { id: "previousDisagreement", menu: "Theory", label: "Disagreement before", keys: [","] },
  { id: "guide", menu: "Help", label: "Say what to do next", keys: ["h"], toggle: true },
  { id: "help", menu: "Help", label: "Keys and how to code", keys: ["?"] },
];

/** How a key press is written in the list: modifiers that matter, then the key. */
export function keyOf(event) {
  const parts = [];
  // AltGr types a character; some systems say it as Ctrl and Alt together.
  const types = event.getModifierState?.("AltGraph") ?? false;
  if ((event.ctrlKey || event.metaKey) && !types) parts.push("Ctrl");
  if (event.altKey && !types) parts.push("Alt");
  const single = event.key.length === 1;
  // Shift is part of a character already, except where the same letter is meant in its upper case.
  if (event.shiftKey && (!single || event.key !== event.key.toLowerCase())) parts.push("Shift");
  parts.push(event.key);
  return parts.join("+");
}

/** Which action a key press means; undefined for none. */
export function actionOf(event, actions = ACTIONS) {
  const key = keyOf(event);
  return actions.find((action) => action.keys.includes(key));
}

const KEY_NAMES = {
  ArrowRight: "→",
  ArrowLeft: "←",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  Delete: "Del",
};

/** A key as a menu shows it. */
export function keyShown(key) {
  const parts = key.split("+").filter(Boolean);
  const named = parts.map((part) => KEY_NAMES[part] ?? part);
  return named.join("+") || key;
}
