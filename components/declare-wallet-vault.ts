import * as pulumi from "@pulumi/pulumi";
import { configurationOf } from "../configuration";
import { beginSurvey } from "./key-transfer/survey";
import { requirePluginWhereNeeded } from "./monitoring/access";
import { throwAsUserError } from "./pulumi/user-error";
import { WalletVault } from "./wallet-vault";
import { type ComponentConfiguration, monitoringOf, walletVaultArgs } from "./wallet-vault-args";

const { version }: { version: string } = require("wallet-vault/package.json");

/** The keys of README.md, Configuration, that are not for a whole program. What is left out has the default of there. */
export type WalletVaultSettings = Partial<Omit<ComponentConfiguration, "databaseUrl">>;

/**
 * Declares a WalletVault in another Pulumi program: reads `databaseUrl` from that program's configuration, surveys the
 * wallets, and declares constraint, views and transfer. One per stack: the names of its resources are fixed.
 *
 * The receipt's revision is the version of this package, so a promotion gate never takes it for a proof.
 *
 * @example
 * const vault = await declareWalletVault("vault", { credentialsTable: "wallets" });
 * return { status: vault.status, summary: vault.summary };
 * @throws pulumi.RunError with the message of a WalletVaultError: a setting that is wrong, or a fault of the database
 */
export async function declareWalletVault(
  name: string,
  settings: WalletVaultSettings = {},
  opts?: pulumi.ComponentResourceOptions,
): Promise<WalletVault> {
  return declare(name, settings, opts).catch(throwAsUserError);
}

async function declare(name: string, settings: WalletVaultSettings, opts?: pulumi.ComponentResourceOptions) {
  // The key that the providers read as well, so that what is surveyed is what is changed.
  const databaseUrl = pulumi.runtime.getConfig(`${pulumi.getProject()}:databaseUrl`);
  const texts = Object.entries({ ...settings, databaseUrl }).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, typeof value === "string" ? value : JSON.stringify(value)]],
  );
  const configuration = configurationOf(
    Object.fromEntries(texts),
    "Change the settings in the program; databaseUrl with: pulumi config set --secret databaseUrl",
  );
  requirePluginWhereNeeded(configuration.databaseUrl, monitoringOf(configuration));
  const { schemaFacts, survey } = await beginSurvey(configuration.databaseUrl, configuration, configuration);
  const counted = survey.catch(throwAsUserError);
  const args = walletVaultArgs(configuration, `wallet-vault ${version}`, schemaFacts, counted);
  const vault = new WalletVault(name, args, opts);
  // The same error as that of the input, which Pulumi prints once.
  await counted;
  return vault;
}
