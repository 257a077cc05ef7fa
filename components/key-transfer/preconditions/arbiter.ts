import type { Table } from "../../postgres/catalog/table";
import type { Client } from "../../postgres/connection";
import { WalletVaultError } from "../../postgres/errors";
import { indexesOf } from "../../unique-constraint/index/catalog";
import { classify, reasons } from "../../unique-constraint/index/classification";

const columns = ["credential_id"];

/**
 * Without an index that ON CONFLICT (credential_id) can use, every insert into the vault fails with 42P10. A stack makes the
 * constraint before the transfer runs, so only the run itself checks this.
 *
 * @throws WalletVaultError ERR_ARBITER
 */
export async function requireArbiter(client: Client, vault: Table): Promise<void> {
  const where = `${vault.schema}.${vault.name}`;
  const verdicts = (await indexesOf(client, vault.oid)).map((index) => ({ index, verdict: classify(index, columns) }));
  const spoiler = verdicts.find(({ verdict }) => verdict === "deferrable");
  if (spoiler === undefined && verdicts.some(({ verdict }) => verdict === "serves")) return;
  const others = verdicts.flatMap(({ index, verdict }) =>
    verdict !== "serves" && index.columns.includes("credential_id") ? [`${index.name} ${reasons[verdict]}`] : [],
  );
  throw new WalletVaultError(
    "ERR_ARBITER",
    `Nothing in ${where} makes (credential_id) unique for ON CONFLICT${others.length > 0 ? `: ${others.join("; ")}` : ""}.`,
    "Run an update of the whole stack, not of the transfer alone (--target, --exclude): its constraint comes first.",
  );
}
