import * as pulumi from "@pulumi/pulumi";
import type { TableInputs } from "./args";
import { provider } from "./provider";

export type TableArgs = { readonly [K in keyof TableInputs]: pulumi.Input<TableInputs[K]> };

/**
 * A plain table that only its owner may read or write. It is made where it is missing, and adopted where an equal one of the
 * connected role is there. Another relation of that name stops the preview. A privilege that somebody else holds shows as a diff,
 * and `up` takes it away. Destroying the resource keeps the table.
 */
export class Table extends pulumi.dynamic.Resource {
  declare readonly schema: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;
  declare readonly owner: pulumi.Output<string>;
  /** What others held on it at the last refresh; empty where they held nothing. */
  declare readonly drift: pulumi.Output<string[]>;

  constructor(name: string, args: TableArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { ...args, owner: undefined, drift: undefined },
      pulumi.mergeOptions({ hideDiffs: ["__provider"] }, opts),
      "wallet-vault",
      "Table",
    );
  }
}
