import type * as dynamic from "@pulumi/pulumi/dynamic";
import { withClient } from "../postgres/connection";
import type { Report } from "../postgres/report";
import { displayName } from "../postgres/printable";
import type { ViewInputs, ViewOutputs } from "./args";
import { type CatalogView, readCatalogViewWithRetry } from "./catalog";
import { driftOf } from "./drift";
import { declaredOptions, liveOptions, optionDifferences } from "./options";

/**
 * The live view for `pulumi refresh`. What was recorded stays as it is, because the next comparison needs it, also that
 * of a second refresh; `drift` says how the view differs. A changed view's inputs become what it is now, so that the next
 * preview shows `query: live => declared`; one that was put right by hand gets its declared ones back.
 */
export async function readView(
  databaseUrl: string,
  id: string,
  props: ViewOutputs,
  report: Report,
): Promise<dynamic.ReadResult> {
  const doing = `reading view ${displayName(props)}`;
  const catalogView = await withClient(databaseUrl, { purpose: doing, readOnly: true }, (client) =>
    readCatalogViewWithRetry(client, props, doing, report),
  );
  // Something else under this name is not this view; making it again then fails with what is there.
  const drift = driftOf(props, catalogView);
  // What a refresh prints of a view is its inputs, and those may be the same.
  if (drift.length > 0) report(drift.join("; "));
  if (catalogView?.kind !== "v") return { id: "", props: {} };
  const now = { ...props, drift };
  if (drift.length > 0) return { id, props: now, inputs: liveInputs(props, catalogView) };
  // Left alone where nothing happened: an input that is newer than the last update must not be turned back.
  return (props.drift ?? []).length > 0 ? { id, props: now, inputs: inputsOf(props) } : { id, props: now };
}

function liveInputs(props: ViewOutputs, catalogView: CatalogView): ViewInputs {
  const query = catalogView.definition === props.definition ? props.query : (catalogView.definition ?? "");
  const same = optionDifferences(liveOptions(catalogView.options), declaredOptions(props.options)).length === 0;
  return { ...inputsOf(props), query, options: same ? props.options : liveOptions(catalogView.options) };
}

function inputsOf(state: ViewOutputs): ViewInputs {
  const { columns: _1, definition: _2, printedBy: _3, owner: _4, drift: _5, ...spec } = state;
  return spec;
}
