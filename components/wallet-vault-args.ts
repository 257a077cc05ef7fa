import * as pulumi from "@pulumi/pulumi";
import type { Configuration } from "../configuration";
import type { Survey } from "./key-transfer/survey";
import { type SchemaFacts, walletsIn } from "./key-transfer/wallets";
import type { WalletVaultArgs } from "./wallet-vault";

/** Keys of the configuration that are for a whole program, and not for a WalletVault. */
type OfTheProgram = "strict" | "promotedFrom" | "promotionMaxAgeHours";
export type ComponentConfiguration = Omit<Configuration, OfTheProgram>;

/** The arguments of a WalletVault, from the configuration and from what the survey found. */
export function walletVaultArgs(
  configuration: ComponentConfiguration,
  revision: string,
  schemaFacts: SchemaFacts,
  survey: pulumi.Input<Survey>,
): WalletVaultArgs {
  return {
    databaseUrl: pulumi.secret(configuration.databaseUrl),
    wallets: walletsIn(configuration),
    limits: pick(configuration, [
      "lockTimeoutMs",
      "lockDeadlineMinutes",
      "batchTargetMs",
      "maxMinutes",
      "maxReplicationLagSeconds",
      "maxArchiveBacklog",
    ]),
    ...pick(configuration, ["indexDeadlineMinutes", "collapseDuplicates", "acceptAttention", "proveIdentity"]),
    revision,
    survey,
    schemaFacts,
    monitoring: monitoringOf(configuration),
  };
}

/** Where the monitoring views are, who reads them, and what of that is to be made. */
export function monitoringOf(configuration: ComponentConfiguration): WalletVaultArgs["monitoring"] {
  return {
    schema: configuration.monitoringSchema || configuration.schema,
    createSchema: configuration.monitoringSchema !== "",
    readers: configuration.monitoringReaders,
    createReaders: configuration.createMonitoringReaders,
  };
}

function pick<T, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}
