import * as pulumi from "@pulumi/pulumi";
import { countExposedAddresses, exposedAddressesAdvice } from "./components/key-transfer/exposed-addresses";
import { proofsToMake } from "./components/key-identity/preview";
import { beginSurvey } from "./components/key-transfer/survey";
import { describeVaultDefaults } from "./components/key-transfer/vault-defaults";
import { requirePluginWhereNeeded } from "./components/monitoring/access";
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
  const { databaseUrl, proveIdentity } = configuration;
  requirePluginWhereNeeded(databaseUrl, monitoringOf(configuration));
  const { schemaFacts, survey } = await beginSurvey(
    databaseUrl,
    configuration,
    configuration,
    undefined,
    proveIdentity,
  );
  const counted = survey.catch(throwAsUserError);
  const plan = pulumi.output(counted);
  const exposed = pulumi.runtime.isDryRun()
    ? countExposedAddresses(databaseUrl, configuration, schemaFacts, configuration).catch(throwAsUserError)
    : undefined;
  // Where something else fails first, that is what is told.
  exposed?.catch(() => undefined);

  const vault = new WalletVault("wallet-vault", walletVaultArgs(configuration, revision, schemaFacts, plan));

  const proof = recorded === undefined ? vault : renewedOrRecorded(vault, recorded, since);
  if (configuration.strict && deploys) failOnAttention(proof);
  // The same error as that of the plan, which Pulumi prints once.
  const before = await counted;
  if (deploys) printLastLine(proof, since, before, vault);
  const toProve = proofsToMake(before);
  if (toProve !== undefined && pulumi.runtime.isDryRun()) await pulumi.log.info(toProve, vault);
  const advice = exposedAddressesAdvice((await exposed) ?? 0);
  if (advice !== undefined) await pulumi.log.warn(advice, vault);
  const defaults =
    pulumi.runtime.isDryRun() && before.states.pending > 0
      ? await describeVaultDefaults(databaseUrl, configuration, configuration).catch(throwAsUserError)
      : undefined;
  if (defaults !== undefined) await pulumi.log.info(defaults, vault);

  const { name, table, columns, index, origin, arbiterProven } = vault.constraint;
  return {
    status: proof.status,
    summary: proof.summary,
    attention: proof.attention,
    constraint: { name, schema: vault.constraint.schema, table, columns, index, origin, arbiterProven },
    views: vault.views.map((view) => view.qualifiedName),
    plan,
    receipt: proof.receipt,
    readme: stackReadme(proof),
  };
}

export = () => program().catch(throwAsUserError);
