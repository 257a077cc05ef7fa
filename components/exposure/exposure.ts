import { withTablesLocked } from "../key-transfer/locked-tables";
import type { SchemaFacts, Wallets } from "../key-transfer/wallets";
import { type Client, withClient } from "../postgres/connection";
import { lockWaitOf, type WaitLimits } from "../postgres/deadline";
import { type Report, reportAs } from "../postgres/report";
import { catalogFindings, notLooked } from "./catalog";
import type { Found } from "./finding";
import { rowFindings } from "./rows/row-findings";
import { readVaultRows } from "./rows/vault-rows";
import { readWalletRows } from "./rows/wallet-rows";
import { type OwnSchema, readTables } from "./tables";

const tellAfterMs = 2_000;

/** Milliseconds: a look at the catalog waits no longer for a lock. */
const catalogLockTimeout = 1_000;

/** Larger tables are looked into by a preview only: it takes ten times as long as counting the states. */
const mostBytes = 32 * 1024 * 1024;

export interface Exposure {
  /** What the catalog says, and the rows of tables that are not too large: the same for each preview and update. */
  readonly findings: readonly Found[];
  /** What the rows of larger tables say; for a preview only. */
  readonly ofLargeTables: readonly Found[];
}

/**
 * Looks who can read keys, and where else they are. Reads only; with a reader's locks where it looks at rows. Nothing that goes
 * wrong is an error: a deployment must not depend on it. It is a finding instead.
 *
 * @param wallets where the wallets are, with the limits of a wait for their tables
 * @param everything true: looks at the rows of large tables, too
 */
export async function lookAtExposure(
  databaseUrl: string,
  wallets: Wallets & WaitLimits & OwnSchema,
  schemaFacts: SchemaFacts,
  everything: boolean,
  report: Report = reportAs("exposure"),
): Promise<Exposure> {
  const session = { purpose: "looking who can read keys", readOnly: true };
  const slow = setTimeout(() => report("looking where keys are; of a million wallets that takes a while"), tellAfterMs);
  const look = async (client: Client): Promise<Exposure> => {
    await client.query(`set lock_timeout = ${catalogLockTimeout}`);
    const tables = await readTables(client, wallets, wallets);
    const inCatalog = await catalogFindings(client, tables);
    const large = await areLarge(client, [tables.credentials.oid, tables.vault.oid]);
    const inRows = large && !everything ? [] : await inRowsOf(client, wallets, schemaFacts, report);
    return large
      ? { findings: [...inCatalog, tooLarge], ofLargeTables: inRows }
      : { findings: [...inCatalog, ...inRows], ofLargeTables: [] };
  };
  return withClient(databaseUrl, session, look)
    .catch((error: unknown) => ({ findings: [notLooked("exposure", error)], ofLargeTables: [] }))
    .finally(() => clearTimeout(slow));
}

async function inRowsOf(
  client: Client,
  wallets: Wallets & WaitLimits,
  schemaFacts: SchemaFacts,
  report: Report,
): Promise<Found[]> {
  try {
    const purpose = "looking where keys are";
    return await withTablesLocked(client, wallets, purpose, lockWaitOf(wallets, report), async () => {
      const rows = await readWalletRows(client, wallets, schemaFacts);
      return rowFindings(wallets, rows, await readVaultRows(client, wallets, schemaFacts));
    });
  } catch (error) {
    return [notLooked("the rows", error)];
  }
}

async function areLarge(client: Client, tables: readonly number[]): Promise<boolean> {
  const { rows } = await client.query<{ bytes: string }>(
    "select sum(pg_table_size(t.oid)) as bytes from unnest($1::oid[]) t (oid)",
    [tables],
  );
  return Number(rows[0]?.bytes ?? 0) > mostBytes;
}

const tooLarge: Found = {
  kind: "notLooked",
  object: "the rows",
  detail: `The tables are larger than ${mostBytes / 1024 / 1024} MB, so only a preview looks where else keys are in them, and how they are protected.`,
  advice: "npm run pulumi -- preview; it tells these findings as lines.",
};
