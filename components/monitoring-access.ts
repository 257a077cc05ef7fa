import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import { requirePostgresqlPlugin } from "./monitoring/plugin";
import { providerArguments } from "./monitoring/provider-arguments";
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
   * exist before. Default false. Never decided by looking: the second run would find the roles of the first, and drop
   * them from the stack and the server.
   */
  readonly createReaders?: boolean;
  /** True: the schema is made if it is missing, and readers get USAGE on it. It stays when the stack is destroyed. Default false. */
  readonly createSchema?: boolean;
}

/**
 * Who may read the monitoring views, with @pulumi/postgresql: its plugin is a download that not every machine can make,
 * so nothing of it is declared where nobody asks for it. Made before the views, which depend on `ground`; told of them
 * afterwards with `letRead`.
 *
 * Every resource depends on the one before it. Side by side, grants fail with "tuple concurrently updated", because
 * PostgreSQL keeps all privileges of an object in one catalog row.
 */
export class MonitoringAccess extends pulumi.ComponentResource {
  /** What must be there before the views are: the schema and the roles. */
  readonly ground: readonly pulumi.Resource[];
  private readonly provider: postgresql.Provider;
  private readonly database: pulumi.Output<string>;
  private last: pulumi.Resource;

  /** The access that is asked for, or undefined: then no provider is declared and no plugin is needed. */
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
    const connection = pulumi.secret(args.databaseUrl).apply(providerArguments);
    this.database = pulumi.unsecret(connection.database);
    this.provider = this.connect(connection);
    this.last = this.provider;
    if (args.createSchema) this.declareSchema();
    if (args.createReaders) this.declareReaders();
    if (args.createSchema) this.declareUsage();
    this.ground = this.last === this.provider ? [] : [this.last];
    this.registerOutputs({});
  }

  /**
   * Grants every reader SELECT on every view. Call it once.
   *
   * @param views by a short name, which becomes part of the resources' names
   */
  letRead(views: Readonly<Record<string, View>>): void {
    for (const [key, view] of Object.entries(views)) {
      for (const reader of this.args.readers) {
        this.last = new postgresql.Grant(
          `${this.label}-${key}-${reader}`,
          {
            database: this.database,
            role: reader,
            schema: view.schema,
            objectType: "table",
            objects: [view.name],
            privileges: ["SELECT"],
          },
          this.after(this.last, view),
        );
      }
    }
  }

  private connect(connection: pulumi.Output<ReturnType<typeof providerArguments>>): postgresql.Provider {
    return new postgresql.Provider(
      `${this.label}-server`,
      {
        // Only the password is a secret; the rest would hide every grant's database in the preview.
        host: pulumi.unsecret(connection.host),
        port: pulumi.unsecret(connection.port),
        database: this.database,
        username: pulumi.unsecret(connection.username),
        password: connection.password,
        sslmode: pulumi.unsecret(connection.sslmode),
        sslrootcert: pulumi.unsecret(connection.apply((of) => of.sslrootcert)),
        clientcert: pulumi.unsecret(connection.apply((of) => of.clientcert)) as pulumi.Input<never>,
        // The plugin believes it is a superuser unless told, and then reads pg_authid, which hosted platforms forbid.
        superuser: false,
        connectTimeout: 15,
      },
      { parent: this },
    );
  }

  private declareSchema(): void {
    this.last = new postgresql.Schema(
      `${this.label}-schema`,
      { name: this.args.schema, database: this.database, ifNotExists: true, dropCascade: false },
      // It may have been there before, or hold by then what others put there: neither is ours to drop.
      { ...this.after(this.last), retainOnDelete: true },
    );
  }

  private declareReaders(): void {
    for (const reader of this.args.readers) {
      this.last = new postgresql.Role(
        `${this.label}-role-${reader}`,
        // Without reassigning, a reader that came to own something is not dropped: an error, and nothing is lost.
        { name: reader, login: false, skipReassignOwned: true },
        this.after(this.last),
      );
    }
  }

  /**
   * USAGE only on a schema of our own. A Grant first revokes all that the role holds on the object, and revokes all again
   * when it is deleted: on a schema that others use, a reader would lose CREATE now and USAGE later. There, readers have
   * USAGE already (through PUBLIC in `public`) or get it from whoever owns it; the View says so where it is missing.
   */
  private declareUsage(): void {
    for (const reader of this.args.readers) {
      this.last = new postgresql.Grant(
        `${this.label}-usage-${reader}`,
        {
          database: this.database,
          role: reader,
          schema: this.args.schema,
          objectType: "schema",
          privileges: ["USAGE"],
        },
        this.after(this.last),
      );
    }
  }

  private after(...resources: pulumi.Resource[]): pulumi.CustomResourceOptions {
    return { parent: this, provider: this.provider, dependsOn: resources };
  }
}
