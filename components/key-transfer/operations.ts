import { isDeepStrictEqual } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import { withClient } from "../postgres/connection";
import { defaultWaitLimits, lockWaitOf } from "../postgres/deadline";
import { safeError } from "../postgres/errors";
import { reportAs } from "../postgres/report";
import { requireCurrentConnection } from "../pulumi/current-connection";
import { configuredDatabaseUrl, setDatabaseUrl } from "../pulumi/provider-config";
import { isAccepted } from "../receipt/accepted-attention";
import { isYounger, receiptStaysMinutes } from "../receipt/age";
import type { Receipt } from "../receipt/receipt";
import { transferKeys } from "./apply";
import { decisiveInputs, type KeyTransferInputs } from "./args";
import { attentionOf, type Causes } from "./attention";
import { requirePreconditions } from "./preconditions";
import { type ReadBack, readBack } from "./read-back";
import {
  type Attention,
  type LastRun,
  reasonOf,
  refusalReason,
  type Status,
  statusOf,
  type Summary,
  summaryOf,
  type Lost,
  lostBetween,
  nothingLost,
} from "./summary";

export { setDatabaseUrl as configure };

/** What a KeyTransfer reports; see the contract in README.md, Outputs. */
export interface KeyTransferOutputs {
  readonly status: Status;
  readonly summary: Summary;
  readonly attention: readonly Attention[];
  readonly receipt: Receipt;
}

type KeyTransferState = KeyTransferInputs & Partial<KeyTransferOutputs>;

/** Refuses, at preview, what would make the transfer fail half-way. Reads the catalog only. */
export async function check(
  _olds: unknown,
  news: KeyTransferInputs,
): Promise<pulumi.dynamic.CheckResult<KeyTransferInputs>> {
  try {
    await withClient(configuredDatabaseUrl(), { purpose: "checking the wallet tables", readOnly: true }, (client) =>
      requirePreconditions(client, news, "preview"),
    );
    return { inputs: news };
  } catch (error) {
    return { inputs: news, failures: [{ property: "vaultTable", reason: safeError(error, "checking").message }] };
  }
}

/**
 * Says yes when something is pending, a flag is wrong, the counts are no longer those of the last summary, the last run was
 * incomplete, or the transfer now means something else. Needs no look at the database: the survey is an input.
 */
export async function diff(
  _id: string,
  olds: KeyTransferState,
  news: KeyTransferInputs,
): Promise<pulumi.dynamic.DiffResult> {
  const { states, flagsWrong } = news.survey;
  return {
    changes:
      states.pending > 0 ||
      flagsWrong > 0 ||
      olds.status === "incomplete" ||
      !isDeepStrictEqual({ ...states }, { ...olds.summary?.states }) ||
      !isDeepStrictEqual(decisiveInputs(news), decisiveInputs(olds)),
  };
}

export async function create(news: KeyTransferInputs): Promise<pulumi.dynamic.CreateResult> {
  return { id: `${news.schema}.${news.vaultTable}`, outs: await applyTransfer(news) };
}

export async function update(
  _id: string,
  _olds: KeyTransferState,
  news: KeyTransferInputs,
): Promise<pulumi.dynamic.UpdateResult> {
  return { outs: await applyTransfer(news) };
}

/** The live state, for `pulumi refresh`: counts and attention as the database has them now; the last run as it was. */
export async function read(id: string, props: KeyTransferState): Promise<pulumi.dynamic.ReadResult> {
  await requireCurrentConnection();
  const url = configuredDatabaseUrl();
  const schemaFacts = await withClient(url, { purpose: "checking the wallet tables", readOnly: true }, (client) =>
    requirePreconditions(client, props, "preview"),
  );
  if (props.summary === undefined) return { id, props };
  const limits = { ...defaultWaitLimits, ...props };
  const found = await readBack(
    url,
    props,
    schemaFacts,
    lockWaitOf(limits, reportAs("transfer")),
    namesIn(props.attention),
  );
  const fresh = outputsOf(
    props,
    found,
    { refusals: [], before: props.attention ?? [] },
    nothingLost,
    props.summary.lastRun,
  );
  return { id, props: { ...props, ...fresh, receipt: renewed(props.receipt, fresh.receipt) } };
}

/** The receipt after a look without a run: the one before, where it is young and the look found nothing new. */
function renewed(before: Receipt | undefined, fresh: Receipt): Receipt {
  if (before === undefined) return fresh;
  // What the run knew of the causes is not in the database; it holds while the numbers do.
  const holds = fresh.reason !== undefined && before.reason?.startsWith(fresh.reason);
  const receipt: Receipt = holds && before.reason ? { ...fresh, reason: before.reason } : fresh;
  const stays = isYounger(before.at, receiptStaysMinutes);
  return stays && isDeepStrictEqual({ ...receipt, at: "" }, { ...before, at: "" }) ? before : receipt;
}

/**
 * Changes nothing: a key that is in the vault stays there, and a flag that says so stays true. A database that cannot be
 * reached is told all the same: this goes first, and would be forgotten before the views fail to go.
 */
export async function remove(): Promise<void> {
  await requireCurrentConnection();
  await withClient(
    configuredDatabaseUrl(),
    { purpose: "looking whether the database is there", readOnly: true },
    async () => {},
  );
}
export { remove as delete };

async function applyTransfer(news: KeyTransferInputs): Promise<KeyTransferInputs & KeyTransferOutputs> {
  const run = await transferKeys(configuredDatabaseUrl(), news, news, news.survey, reportAs("transfer"));
  const lost = lostBetween(news.survey, run.found.counts, run.lastRun);
  return { ...news, ...outputsOf(news, run.found, run, lost, run.lastRun) };
}

function outputsOf(
  inputs: KeyTransferInputs,
  found: ReadBack,
  causes: Causes,
  lost: Lost,
  lastRun: LastRun,
): KeyTransferOutputs {
  const { counts } = found;
  const { revision, acceptAttention = [] } = inputs;
  const status = statusOf(counts, lost);
  const { credentials, verified, states } = counts;
  const proof: Receipt = { revision, status, credentials, verified, at: new Date().toISOString() };
  const accepted =
    acceptAttention.length === 0
      ? {}
      : { accepted: acceptAttention, attentionAccepted: isAccepted(states, acceptAttention) };
  const reason = status === "incomplete" ? { reason: reasonOf(counts, lost, sentences(causes)) } : {};
  return {
    status,
    summary: summaryOf(counts, lastRun),
    attention: attentionOf(found, causes),
    receipt: { ...proof, ...accepted, ...reason },
  };
}

function sentences({ refusals, whyOpen }: Causes): string[] {
  const refused = [...new Set(refusals.map(refusalReason))].map((reason) => `Left undone: ${reason}.`);
  return [...refused, ...(whyOpen === undefined ? [] : [whyOpen])];
}

const namesIn = (attention: readonly Attention[] | undefined): string[] =>
  (attention ?? []).map(({ credentialId }) => credentialId);
