import * as pulumi from "@pulumi/pulumi";
import { takeSurvey } from "./components/key-transfer/survey";
import { WalletVaultError } from "./components/postgres/errors";
import { requireProof } from "./components/promotion-gate";
import { stackReadme } from "./components/stack-readme";
import { WalletVault } from "./components/wallet-vault";
import { readConfiguration } from "./configuration";
import { revisionOf } from "./revision";

/** The program: configuration in, resources declared, outputs out. */
async function program() {
  const configuration = readConfiguration();
  const { databaseUrl, schema, monitoringSchema } = configuration;
  const revision = revisionOf(__dirname, configuration);
  await requireProof(configuration, revision);
  const { survey, shape } = await takeSurvey(databaseUrl, configuration);

  const vault = new WalletVault("wallet-vault", {
    databaseUrl: pulumi.secret(databaseUrl),
    wallets: pick(configuration, [
      "schema",
      "credentialsTable",
      "vaultTable",
      "keyPaths",
      "placeholders",
      "credentialTypes",
    ]),
    limits: pick(configuration, [
      "lockTimeoutMs",
      "lockDeadlineMinutes",
      "batchTargetMs",
      "maxMinutes",
      "maxReplicationLagSeconds",
      "maxArchiveBacklog",
    ]),
    indexDeadlineMinutes: configuration.indexDeadlineMinutes,
    collapseDuplicates: configuration.collapseDuplicates,
    strict: configuration.strict,
    acceptAttention: configuration.acceptAttention,
    revision,
    survey,
    shape,
    monitoring: {
      schema: monitoringSchema || schema,
      createSchema: monitoringSchema !== "",
      readers: configuration.monitoringReaders,
      createReaders: configuration.createMonitoringReaders,
    },
  });

  const { name, table, columns, index, origin, arbiterProven } = vault.constraint;
  return {
    status: vault.status,
    summary: vault.summary,
    attention: vault.attention,
    constraint: { name, schema: vault.constraint.schema, table, columns, index, origin, arbiterProven },
    views: vault.views.map((view) => view.qualifiedName),
    plan: survey,
    receipt: vault.receipt,
    readme: stackReadme(vault),
  };
}

function pick<T, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}

/** An error meant for a person is printed as its message, without a stack. */
export = () =>
  program().catch((error: unknown) => {
    throw error instanceof WalletVaultError ? new pulumi.RunError(error.message) : error;
  });
