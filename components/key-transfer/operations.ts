import { isDeepStrictEqual } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import { withClient } from "../postgres/connection";
import { safeError } from "../postgres/errors";
import { requirePresentConnection } from "../postgres/present-connection";
import { reportAs } from "../postgres/progress";
import { setTarget, target } from "../postgres/target";
import { isAccepted } from "../receipt/accepted-attention";
import { isYounger, receiptStaysMinutes } from "../receipt/age";
import type { Receipt } from "../receipt/receipt";
import { attentionOf, type Causes } from "./attention";
import { patienceOf, usualLimits } from "./deadline";
import { type ReadBack, readBack } from "./read-back";
import { meaning, type Settings } from "./settings";
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
import { requireWalletTables } from "./tables";
import { transferKeys } from "./transfer";

export { setTarget as configure };

/** What a KeyTransfer reports; see the contract in README.md, Outputs. */
export interface Results {
  readonly status: Status;
  readonly summary: Summary;
  readonly attention: readonly Attention[];
  readonly receipt: Receipt;
}

type State = Settings & Partial<Results>;

/** Refuses, at preview, what would make the transfer fail half-way. Reads the catalog only. */
export async function check(_olds: unknown, news: Settings): Promise<pulumi.dynamic.CheckResult<Settings>> {
  try {
    await withClient(target(), { purpose: "checking the wallet tables", readOnly: true }, (client) =>
      requireWalletTables(client, news, "preview"),
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
export async function diff(_id: string, olds: State, news: Settings): Promise<pulumi.dynamic.DiffResult> {
  const { states, flagsWrong } = news.survey;
  return {
    changes:
      states.pending > 0 ||
      flagsWrong > 0 ||
      olds.status === "incomplete" ||
      !isDeepStrictEqual({ ...states }, { ...olds.summary?.states }) ||
      !isDeepStrictEqual(meaning(news), meaning(olds)),
  };
}

export async function create(news: Settings): Promise<pulumi.dynamic.CreateResult> {
  return { id: `${news.schema}.${news.vaultTable}`, outs: await transferred(news) };
}

export async function update(_id: string, _olds: State, news: Settings): Promise<pulumi.dynamic.UpdateResult> {
  return { outs: await transferred(news) };
}

/** The live state, for `pulumi refresh`: counts and attention as the database has them now; the last run as it was. */
export async function read(id: string, props: State): Promise<pulumi.dynamic.ReadResult> {
  await requirePresentConnection();
  const url = target();
  const shape = await withClient(url, { purpose: "checking the wallet tables", readOnly: true }, (client) =>
    requireWalletTables(client, props, "preview"),
  );
  if (props.summary === undefined) return { id, props };
  const limits = { ...usualLimits, ...props };
  const found = await readBack(url, props, shape, patienceOf(limits, reportAs("transfer")), namesIn(props.attention));
  const fresh = resultsOf(
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
  await requirePresentConnection();
  await withClient(target(), { purpose: "looking whether the database is there", readOnly: true }, async () => {});
}
export { remove as delete };

async function transferred(news: Settings): Promise<Settings & Results> {
  const run = await transferKeys(target(), news, news, news.survey, reportAs("transfer"));
  const lost = lostBetween(news.survey, run.found.counts, run.lastRun);
  return { ...news, ...resultsOf(news, run.found, run, lost, run.lastRun) };
}

function resultsOf(settings: Settings, found: ReadBack, causes: Causes, lost: Lost, lastRun: LastRun): Results {
  const { counts } = found;
  const { revision, acceptAttention = [] } = settings;
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
