import * as pulumi from "@pulumi/pulumi";
import type { CollapseInputs } from "./args";
import { provider } from "./provider";

export interface UniqueConstraintArgs {
  /** Schema of the table. A change replaces the constraint. @example "public" */
  readonly schema: pulumi.Input<string>;
  /** An existing plain table. A change replaces the constraint. @example "credential_vault_storage" */
  readonly table: pulumi.Input<string>;
  /** The columns that are unique together, 1 to 32. Another set replaces the constraint. @example ["credential_id"] */
  readonly columns: pulumi.Input<string[]>;
  /** The name of a new constraint, at most 63 bytes. One that exists keeps its own. @example "vault_key" */
  readonly name: pulumi.Input<string>;
  /**
   * Minutes until the index must be there, 0.001 to 30000. They include the wait for builds of others, and for every
   * transaction that is older than our build: too short a time fails while a long report runs.
   *
   * @default 30
   */
  readonly indexDeadlineMinutes?: pulumi.Input<number>;
  /** Milliseconds in the queue for the table's lock, 1 to 60000. Everyone who comes later waits behind it. @default 500 */
  readonly lockTimeoutMs?: pulumi.Input<number>;
  /** Minutes of trying again for that lock, 0.001 to 30000; then the update fails. @default 10 */
  readonly lockDeadlineMinutes?: pulumi.Input<number>;
  /**
   * Allows the update to remove rows that are provably redundant: placeholders and identical copies beside a row that
   * stays. Without it, no row is ever removed, and duplicates fail the preview.
   *
   * @example { valueColumn: "encrypted_private_key", placeholders: ["MIGRATION_REQUIRED"], mayDiffer: ["vault_id"] }
   */
  readonly collapse?: pulumi.Input<CollapseInputs> | undefined;
}

/**
 * A unique constraint that `insert … on conflict (columns)` can use. It is created online where it is missing, adopted
 * where an equal one exists under any name, and repaired where a build failed. Destroying the resource keeps it.
 */
export class UniqueConstraint extends pulumi.dynamic.Resource {
  /** The live name: an adopted constraint keeps its own. */
  declare readonly name: pulumi.Output<string>;
  declare readonly schema: pulumi.Output<string>;
  declare readonly table: pulumi.Output<string>;
  declare readonly columns: pulumi.Output<string[]>;
  declare readonly index: pulumi.Output<string>;
  declare readonly origin: pulumi.Output<"created" | "adopted" | "promoted" | "repaired">;
  /** PostgreSQL confirmed, in a query plan, that ON CONFLICT uses the index. */
  declare readonly arbiterProven: pulumi.Output<true>;

  constructor(name: string, args: UniqueConstraintArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { index: undefined, origin: undefined, arbiterProven: undefined };
    super(
      provider,
      name,
      { ...args, ...outputs },
      { hideDiffs: ["__provider"], ...opts },
      "wallet-vault",
      "UniqueConstraint",
    );
  }
}
