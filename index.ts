import * as pulumi from "@pulumi/pulumi";
import { type Exposure, lookAtExposure } from "./components/exposure/exposure";
import { listed } from "./components/exposure/finding";
import { beginSurvey } from "./components/key-transfer/survey";
import { requirePluginWhereNeeded } from "./components/monitoring/access";
import { tellPreview } from "./components/preview";
import { exitWithParent } from "./components/pulumi/exit-with-parent";
import { onlyReadsOrDestroys } from "./components/pulumi/running-cli";
import { throwAsUserError } from "./components/pulumi/user-error";
import { requireProof } from "./components/receipt/gate";
import { printLastLine } from "./components/receipt/last-line";
import { recordedOutputs, renewedOrRecorded, updatesOnlyAPart } from "./components/receipt/partial-update";
import { stackReadme } from "./components/receipt/stack-readme";
import { failOnAttention } from "./components/receipt/strict";
import { recordingFailure, type Unfinished } from "./components/receipt/unfinished-update";
import { WalletVault } from "./components/wallet-vault";
import { monitoringOf, walletVaultArgs } from "./components/wallet-vault-args";
import { type Configuration, readConfiguration } from "./configuration";
import { revisionOf } from "./revision";

/** The program: configuration in, resources declared, outputs out. */
async function program() {
  exitWithParent();
  let known: { configuration: Configuration; revision: string };
  try {
    const configuration = readConfiguration();
    known = { configuration, revision: revisionOf(__dirname, configuration) };
  } catch (error) {
    return recordingFailure("", () => Promise.reject(error));
  }
  const { configuration, revision } = known;
  const deploys = !onlyReadsOrDestroys();
  // Its no leaves the receipt of this stack as it is: nothing has begun here, and what was proven stays proven.
  if (deploys) await requireProof(configuration, revision);
  const recorded = updatesOnlyAPart() ? await recordedOutputs(revision) : undefined;
  return recordingFailure(revision, () => deploy(configuration, revision, deploys, recorded));
}

async function deploy(configuration: Configuration, revision: string, deploys: boolean, recorded?: Unfinished) {
  const since = Date.now();
  const { databaseUrl } = configuration;
  requirePluginWhereNeeded(databaseUrl, monitoringOf(configuration));
  const { schemaFacts, survey } = await beginSurvey(databaseUrl, configuration, configuration);
  const counted = survey.catch(throwAsUserError);
  const plan = pulumi.output(counted);
  const monitoringSchema = monitoringOf(configuration).schema;
  const look = (): Promise<Exposure> =>
    lookAtExposure(databaseUrl, { ...configuration, monitoringSchema }, schemaFacts, pulumi.runtime.isDryRun());
  const seen = pulumi.runtime.isDryRun() ? look() : undefined;

  const vault = new WalletVault("wallet-vault", walletVaultArgs(configuration, revision, schemaFacts, plan));

  const proof = recorded === undefined ? vault : renewedOrRecorded(vault, recorded, since);
  if (configuration.strict && deploys) failOnAttention(proof);
  // The same error as that of the plan, which Pulumi prints once.
  const before = await counted;
  if (deploys) printLastLine(proof, since, before, vault);
  const { states, flagsWrong } = before;
  if (seen !== undefined) await tellPreview(configuration, await seen, before, vault);
  // A run that has something to do changes what is to be seen: then it looks afterwards.
  const looked = seen ?? (states.pending + flagsWrong > 0 ? vault.receipt.apply(look) : look());
  const exposure = pulumi.output(looked).apply(({ findings }) => listed(findings));
  const { name, table, columns, index, origin, arbiterProven } = vault.constraint;
  return {
    status: proof.status,
    summary: proof.summary,
    attention: proof.attention,
    exposure,
    constraint: { name, schema: vault.constraint.schema, table, columns, index, origin, arbiterProven },
    views: vault.views.map((view) => view.qualifiedName),
    plan,
    receipt: proof.receipt,
    readme: stackReadme(proof, exposure),
  };
}

export = () => program().catch(throwAsUserError);
