import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import type { View } from "../view/resource";
import { requirePostgresqlPlugin } from "./plugin";
import { postgresqlProvider } from "./postgresql-provider";
import { providerArguments } from "./provider-arguments";

export interface MonitoringAccessArgs {
  /** Always treated as secret. @example "postgresql://deployer:password@db.example.com:5432/wallets" */
  readonly databaseUrl: pulumi.Input<string>;
  /** Schema of the views. @example "monitoring" */
  readonly schema: string;
  /** Roles that read the views; each View grants them SELECT. @example ["grafana"] */
  readonly readers: readonly string[];
  /**
   * This stack creates the readers, as group roles without login, and drops them when it is destroyed. A reader that
   * exists before fails the update, after the transfer and before the views. The value must not depend on which roles
   * exist: the second run would find the roles of the first, and drop them from the stack and the server.
   *
   * @default false
   */
  readonly createReaders?: boolean;
  /** Creates the schema if it is missing. It stays when the stack is destroyed. @default false */
  readonly createSchema?: boolean;
  /** Resources that must be complete before anything here starts: a plugin that fails ends the update. @default [] */
  readonly after?: readonly pulumi.Resource[];
}

/** True where there is a schema or a role to create. Otherwise no provider is declared and no plugin needed. */
export const needsPlugin = ({
  readers,
  createReaders,
  createSchema,
}: Pick<MonitoringAccessArgs, "readers" | "createReaders" | "createSchema">): boolean =>
  createSchema === true || (createReaders === true && readers.length > 0);

/**
 * Refuses what MonitoringAccess would refuse, before anything is declared: an error of the program ends an update while
 * the resources that it has declared are under way.
 *
 * @throws WalletVaultError ERR_PLUGIN_MISSING, ERR_CONFIGURATION
 */
export function requirePluginWhereNeeded(databaseUrl: string, args: Parameters<typeof needsPlugin>[0]): void {
  if (!needsPlugin(args)) return;
  requirePostgresqlPlugin();
  providerArguments(databaseUrl);
}

/**
 * Makes the schema of the monitoring views and the roles that read them, with @pulumi/postgresql: its plugin is a download
 * that not every machine can make, so nothing of it is declared where there is nothing to make. Made before the views,
 * which depend on `prerequisites`; told of them afterwards with `grantUsage`.
 *
 * SELECT is granted by the View, and never here. For a Grant the plugin makes itself a member of every role that owns a
 * table in the schema, and fails where it may not; it looks at tables only, so that it does not see what a view lost.
 *
 * Every resource depends on all before it. Side by side, they fail with "tuple concurrently updated", because PostgreSQL
 * keeps all privileges of an object in one catalog row. On the one before alone would not do: where a reader in the middle
 * is removed, the chain of those that go would be broken, and a role be dropped while it still holds a grant.
 */
export class MonitoringAccess extends pulumi.ComponentResource {
  /** What must be there before the views are: the schema and the roles. */
  readonly prerequisites: readonly pulumi.Resource[];
  private readonly provider: postgresql.Provider;
  private readonly database: pulumi.Output<string>;
  private readonly declared: pulumi.Resource[];

  /** @throws WalletVaultError ERR_PLUGIN_MISSING, ERR_CONFIGURATION */
  constructor(
    private readonly label: string,
    private readonly args: MonitoringAccessArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("wallet-vault:MonitoringAccess", label, {}, opts);
    requirePostgresqlPlugin();
    this.declared = [...(args.after ?? [])];
    this.provider = postgresqlProvider(`${label}-server`, args.databaseUrl, { parent: this, dependsOn: this.declared });
    this.database = this.provider.database.apply((database) => database ?? "");
    if (args.createSchema) this.declareSchema();
    if (args.createReaders) this.declareReaders();
    this.prerequisites = [...this.declared];
    this.registerOutputs({});
  }

  /**
   * Declares USAGE on the schema for roles of our own, which could not be dropped while they hold it. Call it once.
   *
   * The View has let them in by then. A Grant first revokes all that the role holds on the object, and revokes all again
   * when it is deleted: a reader that was there before would lose CREATE on a schema that was there before. Such a reader
   * has USAGE from the View only, and keeps it.
   *
   * @returns all that was declared here
   */
  grantUsage(views: readonly View[]): readonly pulumi.Resource[] {
    if (!this.args.createSchema || !this.args.createReaders) return this.declared;
    this.declared.push(...views);
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
    return this.declared;
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

  private after(): pulumi.CustomResourceOptions {
    return { parent: this, provider: this.provider, dependsOn: [...this.declared] };
  }
}
