/* What the records say of a configuration: its draft sentence, its gaps, the disagreements of two coders. No page. */

/** A first letter made small, where the word is not an abbreviation. */
function begunSmall(words) {
  const [head = "", next = ""] = [...words];
  const isWord = next === next.toLocaleLowerCase() && next !== next.toLocaleUpperCase();
  return isWord ? head.toLocaleLowerCase() + words.slice(head.length) : words;
}

/** The words of a slot: its wording, or the names of its codes. */
export function slotWords(configuration, role, nameOf) {
  const slot = configuration.slots.find((one) => one.role === role);
  if (!slot) return "";
  return slot.wording.trim() || slot.codes.map((code) => begunSmall(nameOf(code))).join(" and ");
}

/** Whether a slot holds a code or a wording. */
export function isFilled(configuration, role) {
  return configuration.slots.some((one) => one.role === role && (one.codes.length > 0 || one.wording.trim()));
}

/** A sentence out of the slots, to begin the configured statement from; empty where fewer than two are filled. */
export function draftSentence(configuration, nameOf) {
  const clean = (words) => words.trim().replace(/[.;,\s]+$/u, "");
  const say = (role) => clean(slotWords(configuration, role, nameOf));
  const first = begunSmall;
  const filled = configuration.slots.filter((slot) => isFilled(configuration, slot.role)).length;
  if (filled < 2) return "";
  let text;
  if (configuration.schema === "if-then") {
    const parts = [];
    if (say("if")) parts.push(`if ${first(say("if"))}`);
    if (say("then")) parts.push(`${say("if") ? "then " : ""}${first(say("then"))}`);
    if (say("because")) parts.push(`because ${first(say("because"))}`);
    text = parts.join(", ");
  } else {
    const parts = [];
    if (say("strategy")) parts.push(`with ${first(say("strategy"))}`);
    if (say("intervention")) parts.push(`with ${first(say("intervention"))}`);
    if (say("context")) parts.push(`where ${first(say("context"))}`);
    const actor = say("actor") || clean(configuration.for_whom ?? "");
    if (actor) parts.push(`for ${first(actor)}`);
    const resource = first(say("resource"));
    const reasoning = first(say("reasoning"));
    if (resource && reasoning) parts.push(`${resource} brings about ${reasoning}`);
    else if (resource || reasoning) parts.push(resource || reasoning);
    const outcome = first(say("outcome"));
    if (outcome) parts.push(parts.length ? `so that ${outcome}` : outcome);
    text = parts.join(", ");
  }
  return text ? `${text[0].toLocaleUpperCase()}${text.slice(1)}.` : "";
}

/** What a configuration lacks, from the records alone; Python adds what needs the people and says whom to ask. */
export function gapsOf(configuration, evidence, documentOf, roles) {
  const links = evidence.filter((one) => one.configuration === configuration.id);
  const found = [];
  if (!links.length) found.push({ gap: "no extract", said: "No extract is linked to it yet." });
  else {
    const sources = new Set(links.map((one) => documentOf(one.extract)));
    if (sources.size === 1) {
      found.push({ gap: "one source only", said: `All its evidence comes from ${[...sources][0]}.` });
    }
    if (!links.some((one) => one.stance === "refutes")) {
      found.push({ gap: "no refuting evidence", said: "No extract speaks against it yet. Look for one." });
    }
    const outcomes = roles.filter((role) => role.part === "outcome").map((role) => role.key);
    if (!links.some((one) => outcomes.includes(one.slot) && one.stance !== "supports")) {
      found.push({
        gap: "no outcome without the mechanism",
        said: "No extract tells what happens where the mechanism does not fire.",
      });
    }
  }
  const open = roles.filter((role) => !isFilled(configuration, role.key)).map((role) => role.title);
  if (open.length) found.push({ gap: "not fully stated", said: `Still open: ${open.join(", ")}.` });
  if (!configuration.statement.trim()) {
    found.push({ gap: "no statement", said: "The configured statement is not written yet." });
  }
  return found;
}

/** Where two coders differ: each extract of one that the other has no like of, in the order of the text. */
export function disagreements(extracts, coderA, coderB, settled = new Set()) {
  const both = [coderA, coderB];
  const byDocument = new Map();
  for (const one of extracts) {
    if (!both.includes(one.coder) || !one.placed) continue;
    if (!byDocument.has(one.document)) byDocument.set(one.document, []);
    byDocument.get(one.document).push(one);
  }
  const found = [];
  for (const [document, here] of byDocument) {
    if (!both.every((coder) => here.some((one) => one.coder === coder))) continue;
    for (const one of here) {
      const near = here.filter((other) => other.coder !== one.coder && other.start < one.end && other.end > one.start);
      if (near.some((other) => other.code === one.code)) continue;
      found.push({ document, extract: one, others: near, settled: settled.has(one.id) });
    }
  }
  const place = (one) => [one.document, one.extract.start, one.extract.end, one.extract.id];
  return found.sort((a, b) => {
    const [first, second] = [place(a), place(b)];
    for (let step = 0; step < first.length; step += 1) {
      if (first[step] !== second[step]) return first[step] < second[step] ? -1 : 1;
    }
    return 0;
  });
}

/** What to do next, for somebody who has never coded: one sentence for where the work stands. */
export function nextStep({ readOnly, coder, documents, extracts, configurations, links, statement, refuting, open }) {
  if (readOnly) return "You can read everything here; nothing can be changed.";
  if (!coder) return "Say who you are, at the top: choose your name, or “somebody new…” and type it.";
  if (!documents) return "This study has no documents yet: put transcripts into its documents folder and list them in documents.csv.";
  if (!extracts) {
    return "Read a turn. Select words that matter: drag over them, or use the arrow keys (→ word by word, with Shift to select more). Then press n, type what they are about, and press Enter.";
  }
  if (!configurations) {
    return `${extracts === 1 ? "Your first passage is coded" : `${extracts.toLocaleString("en-GB")} passages are coded`}. When you see why something worked, or did not, open Configurations (key 3) and make one.`;
  }
  if (!links) return "Choose a coded passage in the text, then put it into a slot of the configuration: context, mechanism or outcome.";
  if (open) return "Fill the slots that are still open, from the text or in your own words. A partial configuration is allowed.";
  if (!statement) return "Write the configured statement. A draft made of the slots is offered.";
  if (!refuting) return "Look for a passage that speaks against it, and put it in as refuting. That is evidence too.";
  return "";
}
