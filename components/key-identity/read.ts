import type * as dynamic from "@pulumi/pulumi/dynamic";
import { outputsOf } from "../key-transfer/outputs";
import { requirePreconditions } from "../key-transfer/preconditions";
import { renewedReceipt } from "../key-transfer/read";
import { nothingLost } from "../key-transfer/summary";
import { withClient } from "../postgres/connection";
import { defaultWaitLimits, lockWaitOf } from "../postgres/deadline";
import { reportAs } from "../postgres/report";
import type { KeyIdentityState } from "./args";
import { readBackIdentity } from "./read-back";

/** The live state, for `pulumi refresh`: all counts, findings and attention are read from the database. */
export async function readIdentity(url: string, id: string, props: KeyIdentityState): Promise<dynamic.ReadResult> {
  const session = { purpose: "checking the wallet tables", readOnly: true };
  const schemaFacts = await withClient(url, session, (client) => requirePreconditions(client, props, "preview"));
  const { summary, attention: before = [] } = props;
  if (summary === undefined) return { id, props };
  const lockWait = lockWaitOf({ ...defaultWaitLimits, ...props }, reportAs("identity"));
  const known = before.map(({ credentialId }) => credentialId);
  const found = await readBackIdentity(url, props, schemaFacts, lockWait, known);
  const fresh = outputsOf(props, found, { refusals: [], before }, nothingLost, summary.lastRun);
  return { id, props: { ...props, ...fresh, receipt: renewedReceipt(props.receipt, fresh.receipt) } };
}
