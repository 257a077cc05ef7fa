import assert from "node:assert/strict";
import type { Database } from "../support/database";
import { expectedStates } from "./database-state";

/** What one complete transfer should report, asked of the database before it runs. */
export interface Numbers {
  readonly credentials: number;
  readonly before: Record<string, number>;
  readonly flagsWrong: number;
  readonly verified: number;
  readonly transferred: number;
  readonly repaired: number;
  readonly flagsSet: number;
  readonly flagsCleared: number;
}

/** Independent of the program: from the fixture's `expected_state` and the flags as they are now. */
export async function expectedNumbers(database: Database): Promise<Numbers> {
  const [row] = await database.query<Omit<Numbers, "before">>(`
    with w as (
      select e.before, e.after, c.vault_stored is true as flagged, v.credential_id is not null as has_row,
             v.encrypted_private_key <> '' as held,
             c.metadata ? 'private_key_encrypted' or c.metadata ? 'vault_storage' as sourced
        from expected_state e join project_credentials c on c.id = e.credential_id
        left join credential_vault_storage v on v.credential_id = c.id)
    select count(*)::int as credentials,
           (count(*) filter (where flagged and held is not true or not flagged and before = 'stored'))::int as "flagsWrong",
           (count(*) filter (where after = 'stored' and sourced))::int as verified,
           (count(*) filter (where before = 'pending'))::int as transferred,
           (count(*) filter (where before = 'pending' and has_row))::int as repaired,
           (count(*) filter (where after = 'stored' and not flagged))::int as "flagsSet",
           (count(*) filter (where after <> 'stored' and flagged and held is not true))::int as "flagsCleared"
      from w`);
  assert.ok(row);
  return { ...row, before: await expectedStates(database, "before") };
}

/** The outputs as far as their values are looked into one by one. */
interface Outputs {
  readonly status: unknown;
  readonly views: unknown;
  readonly plan: unknown;
  readonly constraint: unknown;
  readonly summary: { readonly lastRun: Record<string, number> };
  readonly attention: readonly { readonly credentialId: string }[];
  readonly receipt: { readonly revision: string; readonly at: string };
}

/** Names and values of all outputs: pipelines rely on them. */
export function assertOutputs(outputs: Record<string, unknown>, numbers: Numbers, after: Record<string, number>): void {
  const { before, flagsWrong, credentials, verified, ...run } = numbers;
  const { summary, attention, constraint, receipt, status, views, plan } = outputs as unknown as Outputs;
  assert.equal(status, "attention");
  assert.deepEqual(plan, { credentials, states: before, flagsWrong });
  assert.deepEqual(Object.keys(summary).sort(), ["credentials", "flagsWrong", "lastRun", "states", "verified"]);
  assert.deepEqual({ ...summary, lastRun: 0 }, { credentials, states: after, verified, flagsWrong: 0, lastRun: 0 });

  const { batches, durationMs, retries, vaultIdsAssigned, refused, ...counted } = summary.lastRun;
  assert.deepEqual(counted, run);
  assert.equal(refused, 0);
  for (const value of [batches, durationMs]) assert.ok(Number.isInteger(value) && Number(value) > 0);
  for (const value of [retries, vaultIdsAssigned]) assert.ok(Number.isInteger(value) && Number(value) >= 0);

  assert.equal(attention.length, 20);
  for (const entry of attention) {
    assert.deepEqual(Object.keys(entry).sort(), ["advice", "credentialId", "state"]);
    assert.match(entry.credentialId, /^[0-9a-f-]{36}$/);
  }
  const name = "credential_vault_storage_credential_id_key";
  assert.deepEqual(constraint, {
    name,
    index: name,
    schema: "public",
    table: "credential_vault_storage",
    columns: ["credential_id"],
    origin: "created",
    arbiterProven: true,
  });
  assert.deepEqual(views, ["public.wallet_status_monitoring", "public.vault_storage_status"]);
  assert.deepEqual(Object.keys(receipt).sort(), ["at", "credentials", "revision", "status", "verified"]);
  assert.deepEqual({ ...receipt, at: "", revision: "" }, { status, credentials, verified, at: "", revision: "" });
  assert.match(receipt.revision, /^[0-9a-f]{64}$/);
  assert.ok(Math.abs(Date.now() - Date.parse(receipt.at)) < 120_000);
}
