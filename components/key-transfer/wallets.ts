import { z } from "zod/v3";
import { name, words } from "../postgres/arguments";
import { quoteQualified } from "../postgres/quote";

/** Where the wallets are and what counts as a key. These settings decide the state of every wallet. */
export const walletsSchema = z.object({
  schema: name,
  credentialsTable: name,
  vaultTable: name,
  /**
   * Paths in `metadata` that may hold a key. Order does not matter: two different keys make the wallet `ambiguousSource`.
   *
   * @example [["private_key_encrypted"], ["vault_storage", "encrypted_private_key"]]
   */
  keyPaths: z
    .array(z.array(words.min(1)).min(1).readonly())
    .min(1)
    .readonly()
    .describe(
      'a list of one or more paths, each a list of field names without NUL: [["private_key"], ["vault", "key"]]',
    ),
  /** Values that are no keys, such as `MIGRATION_REQUIRED`. An empty value or white space is never a key. */
  placeholders: z.array(words).readonly().describe('a list of texts without NUL: ["MIGRATION_REQUIRED"]'),
  /** Only wallets of these `credential_type`s, such as `ethereum_wallet`; an empty list means all. */
  credentialTypes: z
    .array(words.min(1))
    .readonly()
    .describe('a list of credential types, without NUL: ["ethereum_wallet"]; [] for all'),
});
export type Wallets = Readonly<z.output<typeof walletsSchema>>;

/** These settings alone, in the order in which the revision digests them. */
export function walletsIn(from: Wallets): Wallets {
  const { schema, credentialsTable, vaultTable, keyPaths, placeholders, credentialTypes } = from;
  return { schema, credentialsTable, vaultTable, keyPaths, placeholders, credentialTypes };
}

/** Quoted names of both tables. */
export const tablesOf = ({ schema, credentialsTable, vaultTable }: Wallets): [credentials: string, vault: string] => [
  quoteQualified(schema, credentialsTable),
  quoteQualified(schema, vaultTable),
];

/** Facts of the catalog about the two tables on which the SQL depends. */
export interface SchemaFacts {
  /** Type of `metadata`. */
  readonly metadata: "json" | "jsonb";
  /** Whether the database's encoding is UTF8. */
  readonly utf8: boolean;
  /** Whether the server has pg_input_is_valid (PostgreSQL 16 and later). */
  readonly checksJson: boolean;
  /** Type of the credentials' `id`, as SQL, without a modifier. */
  readonly idType: string;
  /** Collation of the credentials' `id`, as SQL; null where it is that of the type. */
  readonly idCollation: string | null;
  /** Collation of the vault's `vault_id`, as SQL. */
  readonly vaultIdCollation: string;
  /** Longest `vault_id` that fits, in characters; null without a limit. */
  readonly vaultIdLength: number | null;
  /** Longest key that fits into the vault, in characters; null without a limit. */
  readonly keyLength: number | null;
  /** Type of `vault_backup_date`, as SQL. */
  readonly backupDateType: string;
  /** Those of the columns that a view groups by whose type has no equality. */
  readonly ungroupable: readonly string[];
  /** Those of the columns that mark a vault row as revoked which the table has. */
  readonly revocation: readonly ("access_level" | "revoked_at")[];
}
