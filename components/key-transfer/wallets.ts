import { z } from "zod/v3";
import { name, words } from "../postgres/arguments";
import { quoteQualified } from "../postgres/quote";

/** JSON would have changed a larger whole number already, and made a much larger one infinite. */
const isExact = (value: number): boolean =>
  Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));

/** A value for a column of the vault table, of any type; PostgreSQL reads it as the text of a literal. */
const vaultValue = z.union([words, z.boolean(), z.null(), z.number().refine(isExact)]);
export type VaultValue = z.output<typeof vaultValue>;

/** Where the wallets are and what counts as a key. All but the last of these settings decide the state of every wallet. */
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
  /**
   * Further columns of the vault rows that the transfer inserts. Rows that are there already keep theirs.
   *
   * @default {} (a state of an older version has none)
   * @example { encryption_method: "AES-256-CBC", backup_created: false }
   */
  vaultValues: z
    .unknown()
    // The record would leave it out, silently.
    .refine((values) => !Object.hasOwn(Object(values), "__proto__"))
    .pipe(z.record(name, vaultValue))
    .refine((values) => !["credential_id", "vault_id", "encrypted_private_key"].some((each) => each in values))
    .describe(
      'an object with a text, a number, a boolean or null for each column: {"encryption_method": "AES-256-CBC"}; not for ' +
        "credential_id, vault_id or encrypted_private_key; a whole number beyond 9007199254740991 as a text",
    )
    .optional(),
});
export type Wallets = Readonly<z.output<typeof walletsSchema>>;

/** These settings alone, in the order in which the revision digests them. */
export function walletsIn(from: Wallets): Wallets {
  const { schema, credentialsTable, vaultTable, keyPaths, placeholders, credentialTypes } = from;
  const vaultValues = Object.fromEntries(vaultValuesOf(from));
  return { schema, credentialsTable, vaultTable, keyPaths, placeholders, credentialTypes, vaultValues };
}

/** Quoted names of both tables. */
export const tablesOf = ({ schema, credentialsTable, vaultTable }: Wallets): [credentials: string, vault: string] => [
  quoteQualified(schema, credentialsTable),
  quoteQualified(schema, vaultTable),
];

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
