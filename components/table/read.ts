import type * as dynamic from "@pulumi/pulumi/dynamic";
import { withClient } from "../postgres/connection";
import { displayName } from "../postgres/printable";
import type { TableOutputs } from "./args";
import { readCatalogTable } from "./catalog";

/** The live table, for `pulumi refresh`. Where there is none, an empty id takes it out of the state, and `up` makes it again. */
export async function readTable(databaseUrl: string, id: string, props: TableOutputs): Promise<dynamic.ReadResult> {
  const session = { purpose: `reading table ${displayName(props)}`, readOnly: true };
  const live = await withClient(databaseUrl, session, (client) => readCatalogTable(client, props));
  return live === undefined ? { id: "", props: {} } : { id, props: { ...props, drift: live.privileges } };
}
