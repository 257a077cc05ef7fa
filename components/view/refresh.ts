import type * as dynamic from "@pulumi/pulumi/dynamic";
import { withClient } from "../postgres/connection";
import { driftOf } from "./drift";
import { liveView } from "./live";
import { liveOptions } from "./options";
import { displayName, type ViewSpec, type ViewState } from "./spec";

/**
 * The live view for `pulumi refresh`. An unchanged one comes back as it was recorded. A changed one comes back with what
 * it is now as its inputs, so that the next preview shows `query: live => declared`, and with `drift` saying all of it.
 * `definition` and `owner` stay as recorded: they are what the next comparison, also that of a second refresh, needs.
 */
export async function refreshed(databaseUrl: string, id: string, props: ViewState): Promise<dynamic.ReadResult> {
  const session = { purpose: `reading view ${displayName(props)}`, readOnly: true };
  const live = await withClient(databaseUrl, session, (client) => liveView(client, props.schema, props.name));
  // Something else under this name is not this view; making it again then fails with what is there.
  if (live?.kind !== "v") return { id: "", props: {} };
  const drift = driftOf(props, live);
  const now = { ...props, drift };
  if (drift.length === 0) return { id, props: now };
  const found = {
    ...now,
    ...(live.definition === props.definition ? {} : { query: live.definition ?? "" }),
    options: liveOptions(live.options),
  };
  return { id, props: found, inputs: inputsOf(found) };
}

function inputsOf(state: ViewState): ViewSpec {
  const { qualifiedName: _1, columns: _2, definition: _3, printedBy: _4, owner: _5, drift: _6, ...spec } = state;
  return spec;
}
