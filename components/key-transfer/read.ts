import { isDeepStrictEqual } from "node:util";
import type * as dynamic from "@pulumi/pulumi/dynamic";
import { formatNumber } from "../format";
import { withClient } from "../postgres/connection";
import { defaultWaitLimits, lockWaitOf } from "../postgres/deadline";
import { reportAs } from "../postgres/report";
import { isYounger, receiptStaysMinutes } from "../receipt/age";
import { writeMetrics } from "../receipt/metrics-file";
import type { Receipt } from "../receipt/receipt";
import type { KeyTransferState } from "./args";
import { outputsOf } from "./outputs";
import { requirePreconditions } from "./preconditions";
import { readBack } from "./read-back";
import type { WalletCounts } from "./sql/state-counts";
import { states } from "./states";
import { nothingLost, type Summary } from "./summary";

/**
 * The live state, for `pulumi refresh`: counts and attention are read from the database, the last run stays as recorded.
 *
 * @param props may be of an older version, without the limits
 */
export async function readTransfer(url: string, id: string, props: KeyTransferState): Promise<dynamic.ReadResult> {
  const session = { purpose: "checking the wallet tables", readOnly: true };
  const schemaFacts = await withClient(url, session, (client) => requirePreconditions(client, props, "preview"));
  if (props.summary === undefined) return { id, props };
  const { attention: before = [] } = props;
  const report = reportAs("transfer");
  const lockWait = lockWaitOf({ ...defaultWaitLimits, ...props }, report);
  const known = before.map(({ credentialId }) => credentialId);
  const found = await readBack(url, props, schemaFacts, lockWait, known);
  const differs = differencesBetween(props.summary, found.counts);
  if (differs !== "") report(`since the last look: ${differs}`);
  const fresh = outputsOf(props, found, { refusals: [], before }, nothingLost, props.summary.lastRun);
  writeMetrics(fresh, report);
  return { id, props: { ...props, ...fresh, receipt: renewedReceipt(props.receipt, fresh.receipt) } };
}

/** The receipt of a read. The recorded one stays while it is young and the read found nothing new. */
export function renewedReceipt(before: Receipt | undefined, fresh: Receipt): Receipt {
  if (before === undefined) return fresh;
  // What the run knew of the causes is not in the database; it holds while the numbers do.
  const holds = fresh.reason !== undefined && before.reason?.startsWith(fresh.reason);
  const receipt: Receipt = holds && before.reason ? { ...fresh, reason: before.reason } : fresh;
  const stays = isYounger(before.at, receiptStaysMinutes);
  return stays && isDeepStrictEqual({ ...receipt, at: "" }, { ...before, at: "" }) ? before : receipt;
}

/** `2 more wallets, 3 more pending, 1 fewer stored`; empty where the numbers are those that were recorded. */
export function differencesBetween(
  before: Pick<Summary, "credentials" | "states" | "flagsWrong">,
  now: WalletCounts,
): string {
  const change = (gain: number, what: string): string[] =>
    gain === 0 ? [] : [`${formatNumber(Math.abs(gain))} ${gain > 0 ? "more" : "fewer"} ${what}`];
  return [
    ...change(now.credentials - before.credentials, "wallets"),
    ...states.flatMap((state) => change(now.states[state] - before.states[state], state)),
    ...change(now.flagsWrong - before.flagsWrong, "with a wrong flag"),
  ].join(", ");
}
