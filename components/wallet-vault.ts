import * as pulumi from "@pulumi/pulumi";
import { transferResultOf } from "./key-identity/args";
import { identityTableArgs } from "./key-identity/identity-table";
import { KeyIdentity } from "./key-identity/resource";
import { KeyTransfer } from "./key-transfer/resource";
import type { Attention, Status, Summary } from "./key-transfer/summary";
import type { Survey } from "./key-transfer/survey";
import type { TransferLimits } from "./key-transfer/transfer-job";
import type { SchemaFacts, Wallets } from "./key-transfer/wallets";
import { MonitoringAccess, needsPlugin } from "./monitoring/access";
import { monitoringOptions, monitoringViews } from "./monitoring/views";
import type { Receipt } from "./receipt/receipt";
import { Table } from "./table/resource";
import { UniqueConstraint } from "./unique-constraint/resource";
import { View } from "./view/resource";

export interface WalletVaultArgs {
  /** Secret; only what makes readers and their schema needs it here, other resources get it from the configuration. */
  readonly databaseUrl: pulumi.Input<string>;
  readonly wallets: Wallets;
  readonly limits: TransferLimits;
  readonly indexDeadlineMinutes: number;
  readonly collapseDuplicates: boolean;
  /** Whether it is proven that each stored key opens its wallet; see key-identity/. */
  readonly proveIdentity: boolean;
  /** `state:count` or `finding:count`; see receipt/accepted-attention.ts. */
  readonly acceptAttention: readonly string[];
  /** See revision.ts. */
  readonly revision: string;
  /** How the wallets stood when the program looked. */
  readonly survey: pulumi.Input<Survey>;
  readonly schemaFacts: SchemaFacts;
  readonly monitoring: {
    /** Schema of the views. */
    readonly schema: string;
    readonly createSchema: boolean;
    readonly readers: readonly string[];
    readonly createReaders: boolean;
  };
}

/**
 * Of two vault rows for one wallet, what the one that goes may have of its own: its name, and whether somebody made a
 * backup of what is the same key. Not so its method, which tells how to read the key, and not its access level or its
 * revocation: a revoked key is not the same as one that is not.
 */
const mayDiffer = ["vault_id", "backup_created"];

/**
 * The whole step: constraint, then views, then the transfer, then the proof where it is wanted. Where the schema of the views
 * or their readers have to be made, the transfer comes right after the constraint, and then all that is for watching.
 */
export class WalletVault extends pulumi.ComponentResource {
  readonly constraint: UniqueConstraint;
  readonly views: readonly View[];
  /** Of the proof where there is one, which looks at the wallets last; else of the transfer. */
  readonly status: pulumi.Output<Status>;
  readonly summary: pulumi.Output<Summary>;
  readonly attention: pulumi.Output<Attention[]>;
  readonly receipt: pulumi.Output<Receipt>;

  constructor(name: string, args: WalletVaultArgs, opts?: pulumi.ComponentResourceOptions) {
    super("wallet-vault:WalletVault", name, {}, opts);
    const { wallets, limits, monitoring } = args;
    const { lockTimeoutMs, lockDeadlineMinutes } = limits;

    this.constraint = new UniqueConstraint(
      "constraint",
      {
        schema: wallets.schema,
        table: wallets.vaultTable,
        columns: ["credential_id"],
        name: constraintName(wallets.vaultTable),
        indexDeadlineMinutes: args.indexDeadlineMinutes,
        lockTimeoutMs,
        lockDeadlineMinutes,
        ...(args.collapseDuplicates
          ? { collapse: { valueColumn: "encrypted_private_key", placeholders: wallets.placeholders, mayDiffer } }
          : {}),
      },
      { parent: this },
    );

    // Before the views, which show what it holds.
    const proofs = args.proveIdentity
      ? new Table(
          "identity-table",
          { ...identityTableArgs(wallets, args.schemaFacts), lockTimeoutMs, lockDeadlineMinutes },
          { parent: this },
        )
      : undefined;

    const monitored = monitoringViews(wallets, args.schemaFacts, args.proveIdentity);
    const view = (viewName: string, query: string, dependsOn: readonly pulumi.Resource[]): View =>
      new View(
        viewName,
        {
          schema: monitoring.schema,
          name: viewName,
          query,
          options: monitoringOptions,
          readers: [...monitoring.readers],
          readersMayBeMissing: monitoring.createReaders,
          schemaMayBeMissing: monitoring.createSchema,
          lockTimeoutMs,
          lockDeadlineMinutes,
        },
        { parent: this, dependsOn: proofs === undefined ? [...dependsOn] : [...dependsOn, proofs] },
      );
    const views = (...dependsOn: pulumi.Resource[]): [View, View] => {
      const walletStatus = view("wallet_status_monitoring", monitored.walletStatus, dependsOn);
      return [walletStatus, view("vault_storage_status", monitored.storageStatus, [...dependsOn, walletStatus])];
    };
    const { acceptAttention, revision, survey } = args;
    const transfer = (...dependsOn: pulumi.Resource[]): KeyTransfer =>
      new KeyTransfer(
        "transfer",
        { ...wallets, ...limits, acceptAttention: [...acceptAttention], revision, survey },
        { parent: this, dependsOn },
      );

    let moved: KeyTransfer;
    let behind: readonly pulumi.Resource[] = [];
    if (needsPlugin(monitoring)) {
      // The keys first: what the plugin cannot do, for want of a privilege or a download, ends the update.
      moved = transfer(this.constraint);
      const access = new MonitoringAccess(
        "monitoring",
        { databaseUrl: args.databaseUrl, ...monitoring, after: [moved] },
        { parent: this },
      );
      this.views = views(this.constraint, ...access.prerequisites);
      behind = access.grantUsage(this.views);
    } else {
      // The views first: whoever watches sees how the transfer gets on.
      this.views = views(this.constraint);
      moved = transfer(this.constraint, ...this.views);
    }
    const last =
      proofs === undefined
        ? moved
        : new KeyIdentity(
            "identity",
            {
              ...wallets,
              ...limits,
              acceptAttention: [...acceptAttention],
              revision,
              survey,
              transfer: pulumi
                .all([moved.status, moved.summary, moved.attention, moved.receipt])
                .apply(([status, summary, attention, receipt]) =>
                  transferResultOf({ status, summary, attention, receipt }),
                ),
            },
            { parent: this, dependsOn: [moved, proofs] },
          );
    ({ status: this.status, summary: this.summary, attention: this.attention } = last);
    // Known only once all is done: an update that fails behind the transfer leaves no proof.
    this.receipt = pulumi.all(behind.map(({ urn }) => urn)).apply(() => last.receipt);
    this.registerOutputs({ status: this.status });
  }
}

/** As PostgreSQL itself would name it, cut where PostgreSQL would cut it (63 bytes). */
function constraintName(table: string): string {
  const suffix = "_credential_id_key";
  const room = 63 - suffix.length;
  let stem = table;
  while (Buffer.byteLength(stem) > room) stem = stem.slice(0, -1);
  return `${stem}${suffix}`;
}
