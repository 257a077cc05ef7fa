import * as pulumi from "@pulumi/pulumi";
import { forAPerson } from "./components/for-a-person";
import { beginSurvey } from "./components/key-transfer/survey";
import { requirePluginWhereNeeded } from "./components/monitoring-access";
import { requireProof } from "./components/promotion-gate";
import { onlyReadsOrDestroys } from "./components/postgres/running-cli";
import { stackReadme } from "./components/stack-readme";
import { failUnlessProven } from "./components/strict-mode";
import { recordingFailure } from "./components/unfinished-update";
import { WalletVault } from "./components/wallet-vault";
import { type Configuration, readConfiguration } from "./configuration";
import { endWithParent } from "./components/orphan";
import { revisionOf } from "./revision";

/** The program: configuration in, resources declared, outputs out. */
async function program() {
  endWithParent();
  const configuration = readConfiguration();
  const revision = revisionOf(__dirname, configuration);
  const deploys = !onlyReadsOrDestroys();
  if (deploys) await requireProof(configuration, revision);
  return recordingFailure(revision, () => deploy(configuration, revision, deploys));
}

async function deploy(configuration: Configuration, revision: string, deploys: boolean) {
  const { databaseUrl, schema, monitoringSchema } = configuration;
  const monitoring = {
    schema: monitoringSchema || schema,
    createSchema: monitoringSchema !== "",
    readers: configuration.monitoringReaders,
    createReaders: configuration.createMonitoringReaders,
  };
  requirePluginWhereNeeded(databaseUrl, monitoring);
  const { shape, survey } = await beginSurvey(databaseUrl, configuration, configuration);
  const counted = survey.catch(forAPerson);
  const plan = pulumi.output(counted);

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
    acceptAttention: configuration.acceptAttention,
    revision,
    survey: plan,
    shape,
    monitoring,
  });

  if (configuration.strict && deploys) failUnlessProven(vault);
  // The same error as that of the plan, which Pulumi prints once.
  await counted;

  const { name, table, columns, index, origin, arbiterProven } = vault.constraint;
  return {
    status: vault.status,
    summary: vault.summary,
    attention: vault.attention,
    constraint: { name, schema: vault.constraint.schema, table, columns, index, origin, arbiterProven },
    views: vault.views.map((view) => view.qualifiedName),
    plan,
    receipt: vault.receipt,
    readme: stackReadme(vault),
  };
}

function pick<T, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}

export = () => program().catch(forAPerson);
