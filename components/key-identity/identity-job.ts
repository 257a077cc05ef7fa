import { type BatchJob, type RunPlan, TransientError } from "../batches/batch-job";
import type { BatchPlan } from "../batches/batch-plan";
import { splitPlan } from "../batches/split-plan";
import { formatPace } from "../batches/pace";
import { tablesOf, type Wallets } from "../key-transfer/wallets";
import type { Client } from "../postgres/connection";
import { CaughtError } from "../postgres/errors";
import { conditionName, isTransient, queryCanceled } from "../postgres/sqlstate";
import type { IdentitySql } from "./identity-sql";
import { prepareProofs, proveBatch } from "./sql/prove-batch";

/** Proves wallets batch by batch, and counts what was done. Reads the wallets and the vault, and writes to its own table only. */
export class IdentityJob implements BatchJob {
  readonly purpose = "proving keys";
  readonly tables: readonly [credentials: string, vault: string];
  /** Proofs recorded so far. */
  proofs = 0;
  /** Why single wallets could not be proven: SQLSTATEs. */
  readonly failures = new Set<string>();

  constructor(
    readonly wallets: Wallets,
    readonly identity: IdentitySql,
    /** Proofs known to be wanted when it began, for the progress line. */
    private readonly wanted: number,
  ) {
    this.tables = tablesOf(wallets);
  }

  async prepare(client: Client): Promise<RunPlan> {
    await prepareProofs(client);
    return (plan, committed) => this.prove(client, plan, committed);
  }

  /**
   * As many transactions as the plan has wallets for. A wallet with which a batch fails is found by halves, and left unproven.
   *
   * @throws TransientError
   */
  private async prove(client: Client, plan: BatchPlan, committed: (rows: number) => void): Promise<void> {
    try {
      for (;;) {
        const { proofs } = await proveBatch(client, this.wallets, this.identity, plan);
        this.proofs += proofs;
        committed(proofs);
        if (plan.most === undefined || proofs < plan.most) return;
      }
    } catch (error) {
      if (!(error instanceof CaughtError)) throw error;
      const passing = isTransient(error.sqlstate) || error.sqlstate === queryCanceled;
      if (passing && plan.tolerated !== "errors") throw new TransientError(error.sqlstate);
      const halves = splitPlan(plan);
      if (halves === undefined) this.failures.add(error.sqlstate);
      for (const half of halves ?? []) await this.prove(client, half, committed);
    }
  }

  async refuse(_client: Client, _plan: BatchPlan, sqlstate: string): Promise<void> {
    this.failures.add(sqlstate);
  }

  countRetry(): void {}

  progress(elapsedMs: number): string {
    return formatPace(this.proofs, this.wanted, "keys tried", elapsedMs);
  }

  whyEnding(): undefined {
    return undefined;
  }
}

/** Why wallets are left unproven, as a sentence. */
export const failureReason = (failures: ReadonlySet<string>): string =>
  `The database refused to derive some: ${[...failures].map((sqlstate) => `${sqlstate} ${conditionName(sqlstate)}`).join(", ")}.`;
