import * as pulumi from "@pulumi/pulumi";
import { defaults } from "./args";
import { provider } from "./provider";

export interface ViewArgs {
  /** Schema of the view; must exist. Another schema replaces the view. @example "public" */
  readonly schema: pulumi.Input<string>;
  /** Name of the view, at most 63 bytes. Another name replaces the view. @example "wallet_status" */
  readonly name: pulumi.Input<string>;
  /**
   * One select statement. It is read with pg_catalog as the only schema in the search path, so every other table, view
   * and function needs its schema.
   *
   * @example "select network, count(*) as wallets from public.project_credentials group by network"
   */
  readonly query: pulumi.Input<string>;
  /**
   * View parameters: `security_barrier`, `security_invoker` (PostgreSQL 15 and later), `check_option` (`local` or
   * `cascaded`). The update removes a parameter that somebody set by hand.
   *
   * @default {}
   * @example { security_barrier: true }
   */
  readonly options?: pulumi.Input<Record<string, string | boolean>>;
  /**
   * Roles that hold SELECT, besides the owner. The update grants SELECT to a reader that lacks it. It revokes every
   * privilege of anybody else, and whatever a reader holds beyond SELECT.
   *
   * @default []
   * @example ["grafana"]
   */
  readonly readers?: pulumi.Input<pulumi.Input<string>[]>;
  /** The same run creates the readers before this view: a preview accepts that they are missing. @default false */
  readonly readersMayBeMissing?: pulumi.Input<boolean>;
  /**
   * The schema is there for the views, and the same run creates it before this view. A preview accepts that it is
   * missing, and the update grants USAGE to readers that lack it; they keep it. If false, a preview without the schema
   * fails, and the preview names the readers that lack USAGE.
   *
   * @default false
   */
  readonly schemaMayBeMissing?: pulumi.Input<boolean>;
  /** Milliseconds in the queue for the view's lock, 1 to 60000. Everyone who comes later waits behind it. @default 500 */
  readonly lockTimeoutMs?: pulumi.Input<number>;
  /** Minutes of trying again for that lock, more than 0; then the update fails. @default 10 */
  readonly lockDeadlineMinutes?: pulumi.Input<number>;
}

/**
 * A view with exactly the declared query, options and readers, and the owner that it was created with. A change by hand
 * shows as a diff in `preview`, also without `refresh`, and `up` puts it right.
 *
 * PostgreSQL cannot replace a view whose columns are removed, renamed or retyped. Such a view is dropped and created in
 * one transaction: readers keep their SELECT; comments, triggers and rules that somebody put on it are lost.
 */
export class View extends pulumi.dynamic.Resource {
  declare readonly schema: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;
  /** `schema.name`, without quotes. */
  declare readonly qualifiedName: pulumi.Output<string>;
  declare readonly columns: pulumi.Output<string[]>;
  /** The select as PostgreSQL prints it, every name with its schema. */
  declare readonly definition: pulumi.Output<string>;
  /** The role whose rights the view uses, unless it is a security_invoker view. */
  declare readonly owner: pulumi.Output<string>;
  /** How the view differed from its declaration at the last refresh; empty where it did not. */
  declare readonly drift: pulumi.Output<string[]>;

  constructor(name: string, args: ViewArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      {
        ...defaults,
        // An argument that is absent may be there as undefined or null.
        ...Object.fromEntries(Object.entries(args).filter(([, value]) => (value ?? undefined) !== undefined)),
        // Computed here, so that the preview of an update knows it.
        qualifiedName: pulumi.interpolate`${args.schema}.${args.name}`,
        // Known after the view is made. Only a property that is named becomes an output.
        columns: undefined,
        definition: undefined,
        owner: undefined,
        drift: undefined,
      },
      // The provider's text is the same for every version; it would only be noise in `preview --diff`.
      pulumi.mergeOptions({ hideDiffs: ["__provider"] }, opts),
      "wallet-vault",
      "View",
    );
  }
}
