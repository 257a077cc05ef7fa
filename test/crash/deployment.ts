import * as transfer from "../../components/key-transfer/operations";
import type { TransferOutputs } from "../../components/key-transfer/args";
import { takeSurvey } from "../../components/key-transfer/survey";
import { monitoringOptions, monitoringViews } from "../../components/monitoring/views";
import * as constraint from "../../components/unique-constraint/operations";
import * as view from "../../components/view/operations";
import { limits, wallets } from "../../fixtures/wallets";

/**
 * What one `up` does to a database, by the same functions in the same order as the program, without the CLI: it takes a
 * second instead of five. As after any crash of a provider, the resource that was under way is created again.
 */
export async function deploy(databaseUrl: string): Promise<TransferOutputs> {
  const { lockTimeoutMs, lockDeadlineMinutes } = limits;
  const { survey, schemaFacts } = await takeSurvey(databaseUrl, wallets);
  for (const resource of [constraint, view, transfer]) resource.configure(databaseUrl);

  await constraint.create({
    schema: wallets.schema,
    table: wallets.vaultTable,
    columns: ["credential_id"],
    name: "credential_vault_storage_credential_id_key",
    indexDeadlineMinutes: 1,
    lockTimeoutMs,
    lockDeadlineMinutes,
  });
  const queries = monitoringViews(wallets, schemaFacts);
  for (const [name, query] of [
    ["wallet_status_monitoring", queries.walletStatus],
    ["vault_storage_status", queries.storageStatus],
  ] as const) {
    const access = { readers: [], readersMayBeMissing: false, schemaMayBeMissing: false };
    const options = monitoringOptions;
    await view.create({ schema: "public", name, query, options, ...access, lockTimeoutMs, lockDeadlineMinutes });
  }
  const { outs } = await transfer.create({ ...wallets, ...limits, revision: "crash-test", survey });
  return outs as TransferOutputs;
}
