import { bareText } from "../../key-transfer/key-in-text";
import { walletStateSql } from "../../key-transfer/wallet-state";
import type { SchemaFacts, Wallets } from "../../key-transfer/wallets";
import type { Client } from "../../postgres/connection";
import { quoteIdent, quoteQualified } from "../../postgres/quote";
import { textColumns } from "./text-columns";
import { type Shape, shapeOf } from "./value-shape";
import { heldBy } from "./wallet-rows";

/** What one scan of the vault found. Numbers of its rows that hold a key. */
export interface VaultRows {
  readonly shapes: Readonly<Record<Shape, number>>;
  /** Rows whose encryption_method names a method, although the value is plain by its shape. */
  readonly overstated: number;
  readonly inColumns: readonly { readonly column: string; readonly wallets: number }[];
}

const methodColumn = "encryption_method";
const noMethods = ["", "none", "plain", "plaintext", "unencrypted", "raw", "null"];

/** Looks at every row of the vault once. */
export async function readVaultRows(client: Client, wallets: Wallets, facts: SchemaFacts): Promise<VaultRows> {
  const stateSql = walletStateSql(wallets, facts);
  const columns = await textColumns(client, wallets.schema, wallets.vaultTable, "encrypted_private_key");
  const method = columns.includes(methodColumn)
    ? `lower(btrim(v.${methodColumn}::text)) <> all ($1::text[])`
    : "$1::text[] is null";
  const concerned =
    wallets.credentialTypes.length > 0
      ? `exists (select from ${quoteQualified(wallets.schema, wallets.credentialsTable)} c where c.id = v.credential_id and ${stateSql.inScope})`
      : "true";
  const others = columns.filter((column) => column !== methodColumn);
  await client.query("set local max_parallel_workers_per_gather = 1; set local enable_memoize = off");
  const { rows } = await client.query<{ shape: Shape; rows: string; overstated: string; held: string[] }>(
    `select look.shape, count(*) as rows, count(*) filter (where look.shape = 'plain' and ${method}) as overstated,
            array[${others.map((column) => `count(*) filter (where ${heldBy(`v.${quoteIdent(column)}::text`, ["look.bare"])})`).join(", ")}]::int8[] as held
       from ${quoteQualified(wallets.schema, wallets.vaultTable)} v
      cross join lateral (select v.encrypted_private_key::text collate "C" as key offset 0) own
      cross join lateral (select ${shapeOf("own.key")} as shape, ${bareText("own.key")} as bare offset 0) look
      where not ${stateSql.isEmptyRow("v")} and ${concerned}
      group by 1`,
    [noMethods],
  );
  const of = (shape: Shape): number => Number(rows.find((row) => row.shape === shape)?.rows ?? 0);
  const sum = (counts: readonly (string | undefined)[]): number =>
    counts.reduce((total, n) => total + Number(n ?? 0), 0);
  return {
    shapes: { sealed: of("sealed"), plain: of("plain"), unknown: of("unknown") },
    overstated: sum(rows.map((row) => row.overstated)),
    inColumns: others.map((column, n) => ({ column, wallets: sum(rows.map((row) => row.held[n])) })),
  };
}
