/** A value for a column of the vault table, of any type; PostgreSQL reads it as the text of a literal. */
export type VaultValue = string | number | boolean | null;

/** Where the wallets are and what counts as a key. All but the last of these settings decide the state of every wallet. */
export interface Wallets {
  readonly schema: string;
  readonly credentialsTable: string;
  readonly vaultTable: string;
  /**
   * Paths in `metadata` that may hold a key. Order does not matter: two different keys make the wallet `ambiguousSource`.
   *
   * @example [["private_key_encrypted"], ["vault_storage", "encrypted_private_key"]]
   */
  readonly keyPaths: readonly (readonly string[])[];
  /** Values that are no keys, such as `MIGRATION_REQUIRED`. An empty value or white space is never a key. */
  readonly placeholders: readonly string[];
  /** Only wallets of these `credential_type`s, such as `ethereum_wallet`; an empty list means all. */
  readonly credentialTypes: readonly string[];
  /**
   * Further columns of the vault rows that the transfer inserts. Rows that are there already keep theirs.
   *
   * @default {} (a state of an older version has none)
   * @example { encryption_method: "AES-256-CBC", backup_created: false }
   */
  readonly vaultValues?: Readonly<Record<string, VaultValue>>;
}

/** These settings alone, in the order in which the revision digests them. */
export function walletsIn(from: Wallets): Wallets {
  const { schema, credentialsTable, vaultTable, keyPaths, placeholders, credentialTypes } = from;
  const vaultValues = Object.fromEntries(vaultValuesOf(from));
  return { schema, credentialsTable, vaultTable, keyPaths, placeholders, credentialTypes, vaultValues };
}

/** The columns of `vaultValues` with their values, in one order, however they were written down. */
export const vaultValuesOf = ({ vaultValues = {} }: Wallets): [column: string, value: VaultValue][] =>
  Object.entries(vaultValues).toSorted(([a], [b]) => (a < b ? -1 : 1));

/** Facts of the catalog about the two tables on which the SQL depends. */
export interface SchemaFacts {
  /** Type of `metadata`. */
  readonly metadata: "json" | "jsonb";
  /** Whether the database's encoding is UTF8. */
  readonly utf8: boolean;
  /** Whether the server has pg_input_is_valid (PostgreSQL 16 and later). */
  readonly checksJson: boolean;
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
