import * as pulumi from "@pulumi/pulumi";
import type { CollapseInputs } from "./args";
import { provider } from "./provider";

export interface UniqueConstraintArgs {
  /** Schema of the table. A change makes it another constraint. */
  readonly schema: pulumi.Input<string>;
  /** An existing plain table. A change makes it another constraint. */
  readonly table: pulumi.Input<string>;
  /** The columns that shall be unique together, 1 to 32. A change of more than their order makes it another constraint. */
  readonly columns: pulumi.Input<string[]>;
  /** Name to create it under where nothing makes the columns unique yet; at most 63 bytes. One that is there keeps its own. */
  readonly name: pulumi.Input<string>;
  /**
   * Minutes for the index to be there, waiting for others included: for their builds, and for every transaction that is
   * older than our own build. Default 30. Too short a time fails where a long report runs.
   */
  readonly indexDeadlineMinutes?: pulumi.Input<number>;
  /** Milliseconds that everybody else may have to wait behind our request for the table's lock. Default 500. */
  readonly lockTimeoutMs?: pulumi.Input<number>;
  /** Minutes of asking again for that lock before the update fails. Default 10. */
  readonly lockDeadlineMinutes?: pulumi.Input<number>;
  /**
   * Lets rows be removed that are provably redundant: placeholders, and identical copies, beside a row that stays.
   * Absent: no row is ever removed, and duplicates fail the preview.
   */
  readonly collapse?: pulumi.Input<CollapseInputs> | undefined;
}

/**
 * A unique constraint that `insert … on conflict (columns)` can use: created online where it is missing, adopted where
 * an equal one is there under whatever name, repaired where a build broke. Destroying the resource keeps it.
 */
export class UniqueConstraint extends pulumi.dynamic.Resource {
  /** The live name, which is not the declared one where another was adopted. */
  declare readonly name: pulumi.Output<string>;
  declare readonly schema: pulumi.Output<string>;
  declare readonly table: pulumi.Output<string>;
  declare readonly columns: pulumi.Output<string[]>;
  declare readonly index: pulumi.Output<string>;
  declare readonly origin: pulumi.Output<"created" | "adopted" | "promoted" | "repaired">;
  /** PostgreSQL itself named the index as the one that ON CONFLICT uses. */
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
