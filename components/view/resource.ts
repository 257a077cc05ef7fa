import * as pulumi from "@pulumi/pulumi";
import { defaults } from "./args";
import { provider } from "./provider";

export interface ViewArgs {
  /** Schema of the view; must exist. Another schema replaces the view. */
  readonly schema: pulumi.Input<string>;
  /** Name of the view, at most 63 bytes. Another name replaces the view. */
  readonly name: pulumi.Input<string>;
  /**
   * One select statement. Every table, view and function in it that is not PostgreSQL's own is written with its schema:
   * it is read under a search path of pg_catalog alone.
   */
  readonly query: pulumi.Input<string>;
  /**
   * View parameters: `security_barrier`, `security_invoker` (PostgreSQL 15 and later), `check_option` (`local` or
   * `cascaded`). Default none. The view has exactly these: one set by hand is taken away again.
   */
  readonly options?: pulumi.Input<Record<string, string | boolean>>;
  /**
   * Roles that hold SELECT, besides the owner. Default none. One that lacks it is drift, and gets it; what anybody else
   * holds is revoked, and so is what a reader holds beyond SELECT. A role that is taken out of the list loses it.
   */
  readonly readers?: pulumi.Input<pulumi.Input<string>[]>;
  /** True where the readers are made in the same run, before this view: a preview may miss them. Default false. */
  readonly readersMayBeMissing?: pulumi.Input<boolean>;
  /**
   * True where the schema is there for the views, and made in the same run if it is missing: readers get USAGE on it
   * where they lack it, and keep it. Default false: preview fails where there is no such schema, and says who cannot enter.
   */
  readonly schemaMayBeMissing?: pulumi.Input<boolean>;
  /** Milliseconds in the queue for the view's lock before letting go, 1 to 60000. Default 500. Who comes later waits behind it. */
  readonly lockTimeoutMs?: pulumi.Input<number>;
  /** Minutes of trying again for that lock, more than 0. Default 10. */
  readonly lockDeadlineMinutes?: pulumi.Input<number>;
}

/**
 * A view that is what it was declared to be: its query, its options, its owner, and nobody reads it who should not.
 * What somebody changed by hand shows as a diff in `preview`, also without `refresh`, and `up` puts it right.
 *
 * Where columns are removed, renamed or retyped, PostgreSQL refuses to replace the view; it is then dropped and created
 * in one transaction and readers keep their SELECT. Comments, triggers and rules that were put on it by hand are lost.
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
  /** How the view differed from what was declared when it was last refreshed; empty where it did not. */
  declare readonly drift: pulumi.Output<string[]>;

  constructor(name: string, args: ViewArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      {
        schema: args.schema,
        name: args.name,
        query: args.query,
        options: args.options ?? defaults.options,
        readers: args.readers ?? defaults.readers,
        readersMayBeMissing: args.readersMayBeMissing ?? defaults.readersMayBeMissing,
        schemaMayBeMissing: args.schemaMayBeMissing ?? defaults.schemaMayBeMissing,
        lockTimeoutMs: args.lockTimeoutMs ?? defaults.lockTimeoutMs,
        lockDeadlineMinutes: args.lockDeadlineMinutes ?? defaults.lockDeadlineMinutes,
        // Said here and not found out, so that a preview of an update can already tell it.
        qualifiedName: pulumi.interpolate`${args.schema}.${args.name}`,
        ...outputs,
      },
      // The provider's text is the same for every version; it would only be noise in `preview --diff`.
      pulumi.mergeOptions({ hideDiffs: ["__provider"] }, opts),
      "wallet-vault",
      "View",
    );
  }
}

/** Known after the view is made. Named here, because only a property that is named becomes an output. */
const outputs = {
  columns: undefined,
  definition: undefined,
  owner: undefined,
  drift: undefined,
};
