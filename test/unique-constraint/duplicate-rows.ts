import type { Database } from "../support/database";
import { credential, someCredentials, vault } from "./support";

export const collapse = {
  valueColumn: "encrypted_private_key",
  placeholders: ["MIGRATION_REQUIRED"],
  mayDiffer: ["vault_id", "backup_created"],
};
export const key = "0xMADEUPKEY";

export interface Row {
  readonly of?: number;
  readonly id: string;
  readonly value: string;
  /** Day of January 2025 on which it was made. */
  readonly day: number;
  readonly access?: string;
}

/** Puts vault rows in, in this order, past the triggers. */
export async function put(database: Database, ...rows: readonly Row[]): Promise<void> {
  await database.query(`${someCredentials} on conflict do nothing`);
  for (const { of = 1, id, value, day, access = "project_admin" } of rows) {
    await database.query(
      `insert into ${vault} (credential_id, vault_id, encrypted_private_key, access_level, created_at, updated_at)
       values ($1, $2, $3, $4, make_timestamptz(2025, 1, $5, 0, 0, 0), now())`,
      [credential(of), id, value, access, day],
    );
  }
}

/** vault_ids that are there, by an independent query. */
export const left = async (database: Database): Promise<string> =>
  (
    await database.query<{ ids: string }>(
      `select string_agg(vault_id, ' ' order by vault_id collate "C") as ids from ${vault}`,
    )
  )[0]?.ids ?? "";
