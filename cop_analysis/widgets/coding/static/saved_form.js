/* The static form in the notebook a page holds, written anew where the kernel's own way to it is lost by a reload. */

const VIEW = "application/vnd.jupyter.widget-view+json";

/** Its words but for when they were written: the passing of time alone is no change of a notebook. */
function undated(html) {
  return String(html).replace(/as it stood on [^.<]*UTC/, "");
}

/** Give the output after a panel's own another text; false where this page shows no notebook with it. */
export function keepForm(model, { view, html, text }) {
  const cells = model.widget_manager?.context?.model?.cells;
  for (let place = 0; place < (cells?.length ?? 0); place += 1) {
    const outputs = cells.get(place).outputs;
    const all = Array.from({ length: outputs?.length ?? 0 }, (_, one) => outputs.get(one));
    const panel = all.findIndex((one) => one.data?.[VIEW]?.model_id === view);
    const form = all.findIndex((one, at) => panel >= 0 && at > panel && String(one.data?.["text/html"] ?? "").includes("cop-static-form"));
    if (form < 0) continue;
    if (undated(all[form].data["text/html"]) !== undated(html)) {
      outputs.set(form, { output_type: "display_data", data: { "text/html": html, "text/plain": text }, metadata: {} });
    }
    return true;
  }
  return false;
}
