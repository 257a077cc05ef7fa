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

/** What the catalog says of those tables, where it changes the SQL. */
export interface Shape {
  /** Type of `metadata`. */
  readonly metadata: "json" | "jsonb";
  /** Whether the database's encoding is UTF8. */
  readonly utf8: boolean;
  /** Whether the server can say if a text is valid jsonb (PostgreSQL 16 and later). */
  readonly checksJson: boolean;
  /** Collation of the vault's `vault_id`, as SQL. */
  readonly vaultIdCollation: string;
  /** Whether users' triggers may change a row after it was written: then all is looked at once more. */
  readonly afterTriggers: boolean;
}

/** How a wallet stands; exactly one of these, so that the counts add up to the number of wallets. */
export const states = ["stored", "pending", "conflict", "ambiguousSource", "unreadableSource", "missingKey"] as const;
export type State = (typeof states)[number];
export type StateCounts = Readonly<Record<State, number>>;

/** States that only a person can end. */
export const attentionStates = ["conflict", "ambiguousSource", "unreadableSource", "missingKey"] as const;
