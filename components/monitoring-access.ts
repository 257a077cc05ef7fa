import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import { requirePostgresqlPlugin } from "./monitoring/plugin";
import { server } from "./monitoring/server";
import type { View } from "./view/resource";

export interface MonitoringAccessArgs {
  /** `postgresql://…`; treated as secret whether it is marked or not. */
  readonly databaseUrl: pulumi.Input<string>;
  /** Schema the views live in. */
  readonly schema: string;
  /** Roles that get SELECT on the views. */
  readonly readers: readonly string[];
  /**
   * True: this stack makes the readers, as group roles without login, and drops them when it is destroyed. None may
   * exist before: at one that does, the update fails before the views are made. Default false. Never decided by
   * looking: the second run would find the roles of the first, and drop them from the stack and the server.
   */
  readonly createReaders?: boolean;
  /** True: the schema is made if it is missing. It stays when the stack is destroyed. Default false. */
  readonly createSchema?: boolean;
}

/**
 * Who may read the monitoring views, with @pulumi/postgresql: its plugin is a download that not every machine can make,
 * so nothing of it is declared where nobody asks for it. Made before the views, which depend on `ground`; told of them
 * afterwards with `letRead`.
 *
 * Every resource depends on all before it. Side by side, grants fail with "tuple concurrently updated", because
 * PostgreSQL keeps all privileges of an object in one catalog row. On the one before alone would not do: where a reader in
 * the middle is removed, the chain of those that go would be broken, and a role be dropped while it still holds a grant.
 */
export class MonitoringAccess extends pulumi.ComponentResource {
  /** What must be there before the views are: the schema, the roles, their way in. */
  readonly ground: readonly pulumi.Resource[];
  private readonly provider: postgresql.Provider;
  private readonly database: pulumi.Output<string>;
  private readonly declared: pulumi.Resource[] = [];

  /** Undefined where none is asked for: then no provider is declared and no plugin is needed. */
  static ifNeeded(name: string, args: MonitoringAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    return args.readers.length > 0 || args.createSchema ? new MonitoringAccess(name, args, opts) : undefined;
  }

  /** @throws WalletVaultError ERR_PLUGIN_MISSING, ERR_CONFIGURATION */
  constructor(
    private readonly label: string,
    private readonly args: MonitoringAccessArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("wallet-vault:MonitoringAccess", label, {}, opts);
    requirePostgresqlPlugin();
    this.provider = server(`${label}-server`, args.databaseUrl, this);
    this.database = this.provider.database.apply((database) => database ?? "");
    if (args.createSchema) this.declareSchema();
    if (args.createReaders) this.declareReaders();
    if (args.createSchema && args.createReaders) this.declareUsage();
    this.ground = [...this.declared];
    this.registerOutputs({});
  }

  /**
   * Grants every reader SELECT on every view. Call it once. What is taken from a reader later only the View sees, and
   * gives back: the plugin looks at tables, and not at views.
   *
   * @param views by a short name, which becomes part of the resources' names
   */
  letRead(views: Readonly<Record<string, View>>): void {
    for (const [key, view] of Object.entries(views)) {
      for (const reader of this.args.readers) {
        this.declared.push(
          new postgresql.Grant(
            `${this.label}-${key}-${reader}`,
            {
              database: this.database,
              role: reader,
              schema: view.schema,
              objectType: "table",
              objects: [view.name],
              privileges: ["SELECT"],
            },
            // After all views: the plugin looks through the whole schema, and may make itself a member of its owners.
            // Never revoked by the plugin, which fails where the view is gone: the View takes SELECT from a role that is
            // no reader any more, and drops what is granted on it with itself.
            { ...this.after(Object.values(views)), retainOnDelete: true },
          ),
        );
      }
    }
  }

  private declareSchema(): void {
    this.declared.push(
      new postgresql.Schema(
        `${this.label}-schema`,
        { name: this.args.schema, database: this.database, ifNotExists: true, dropCascade: false },
        // It may have been there before, or hold by then what others put there: neither is ours to drop.
        { ...this.after(), retainOnDelete: true },
      ),
    );
  }

  private declareReaders(): void {
    for (const reader of this.args.readers) {
      this.declared.push(
        new postgresql.Role(
          `${this.label}-role-${reader}`,
          // Without reassigning, a reader that came to own something is not dropped: an error, and nothing is lost.
          { name: reader, login: false, skipReassignOwned: true },
          this.after(),
        ),
      );
    }
  }

  /**
   * USAGE only for roles of our own, which could not be dropped while they hold it. A Grant first revokes all that the
   * role holds on the object, and revokes all again when it is deleted: a reader that was there before would lose CREATE
   * on a schema that was there before. Such a reader gets USAGE from the View, where it lacks it.
   */
  private declareUsage(): void {
    for (const reader of this.args.readers) {
      this.declared.push(
        new postgresql.Grant(
          `${this.label}-usage-${reader}`,
          {
            database: this.database,
            role: reader,
            schema: this.args.schema,
            objectType: "schema",
            privileges: ["USAGE"],
          },
          this.after(),
        ),
      );
    }
  }

  private after(views: readonly View[] = []): pulumi.CustomResourceOptions {
    return { parent: this, provider: this.provider, dependsOn: [...this.declared, ...views] };
  }
}
