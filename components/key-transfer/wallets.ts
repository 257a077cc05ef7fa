/** Where the wallets are and what counts as a key: the part of the configuration that decides every state. */
export interface Wallets {
  readonly schema: string;
  readonly credentialsTable: string;
  readonly vaultTable: string;
  /** Paths in `metadata` where a key may be, in order of preference for nothing: two different values are a conflict. */
  readonly keyPaths: readonly (readonly string[])[];
  /** Values that are no keys. Empty and white space never are. */
  readonly placeholders: readonly string[];
  /** Only these `credential_type`s; empty means all. */
  readonly credentialTypes: readonly string[];
}

/** The settings that say which wallets are meant and what counts as a key: what a revision and a proof stand for. */
const walletKeys = [
  "schema",
  "credentialsTable",
  "vaultTable",
  "keyPaths",
  "placeholders",
  "credentialTypes",
] as const satisfies readonly (keyof Wallets)[];

/** Those settings alone, always in one order. */
export const walletsIn = (from: Wallets): Wallets =>
  Object.fromEntries(walletKeys.map((key) => [key, from[key]])) as unknown as Wallets;

/** What the catalog says of those tables, where it changes the SQL. */
export interface SchemaFacts {
  /** Type of `metadata`. */
  readonly metadata: "json" | "jsonb";
  /** Whether the database's encoding is UTF8. */
  readonly utf8: boolean;
  /** Whether the server can say if a text is valid jsonb (PostgreSQL 16 and later). */
  readonly checksJson: boolean;
  /** Collation of the vault's `vault_id`, as SQL. */
  readonly vaultIdCollation: string;
  /** Longest `vault_id` that fits, in characters; null where its column has no limit. */
  readonly vaultIdLength: number | null;
  /** Longest key that fits into the vault, in characters; null where its column has no limit. */
  readonly keyLength: number | null;
  /** Type of `vault_backup_date`, as SQL. */
  readonly backupDateType: string;
  /** Columns of the credentials table whose type has no equality, of those that a view groups by. */
  readonly ungroupable: readonly string[];
  /** Columns of the vault table that tell that a row was revoked, of those that are there. */
  readonly revocation: readonly ("access_level" | "revoked_at")[];
}
