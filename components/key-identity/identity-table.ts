import type { SchemaFacts, Wallets } from "../key-transfer/wallets";
import type { TableInputs } from "../table/args";

export const identityTableName = "wallet_key_identity";

/** The table of proofs. A row says what was found for a credential, of which bytes (digest), and when. */
export const identityTableArgs = (
  wallets: Wallets,
  { idType, idCollation }: SchemaFacts,
): Pick<TableInputs, "schema" | "name" | "columns" | "primaryKey"> => ({
  schema: wallets.schema,
  name: identityTableName,
  columns: [
    { name: "credential_id", type: idType, collation: idCollation, notNull: true },
    { name: "digest", type: "pg_catalog.bytea", collation: null, notNull: true },
    { name: "finding", type: "pg_catalog.text", collation: null, notNull: true },
    // What the key opens: an address, as every wallet's is.
    { name: "opens", type: "pg_catalog.text", collation: null, notNull: false },
    { name: "proven_at", type: "pg_catalog.timestamptz", collation: null, notNull: true },
  ],
  primaryKey: ["credential_id"],
});
