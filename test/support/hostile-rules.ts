import assert from "node:assert/strict";
import { attentionOf } from "../../components/key-transfer/attention";
import { statusOf } from "../../components/key-transfer/summary";
import type { TransferResult } from "../../components/key-transfer/apply";
import type { Database } from "./database";

/** Wallets of a case: few enough for all of them to be named in `attention`. */
export const wallets = 20;

/** What holds whatever triggers and migrations do while keys are moved. SQL over the ledger, which knows nothing of the program. */
const rules: Readonly<Record<string, string>> = {
  "a wallet is gone":
    "select w.id from ledger.wallet w where not exists (select from project_credentials c where c.id = w.id)",
  "a key that was in metadata is neither there nor in the vault": `
    select k.id from ledger.key k
     where not exists (select from ledger.standing s where s.id = k.id
                          and (s.stored = k.key or exists (select from ledger.sources(s.metadata) left_ where left_.key = k.key)))`,
  "a key that was in the vault is gone": `
    select b.credential_id from ledger.vault b join ledger.standing s on s.id = b.credential_id
     where b.key <> '' and s.stored is distinct from b.key`,
  "the vault holds what never was a key of its wallet": `
    select s.id from ledger.standing s
     where s.stored is not null and not exists (select from ledger.key k where k.id = s.id and k.key = s.stored)
       and not exists (select from ledger.vault b where b.credential_id = s.id and b.key = s.stored)`,
  "several vault rows for a wallet": "select s.id from ledger.standing s where s.rows > 1",
  "a new flag claims a key that is not there": `
    select s.id from ledger.standing s join ledger.wallet w using (id) where s.flagged and not w.flagged and s.stored is null`,
  "a new key is in the vault without its flag": `
    select s.id from ledger.standing s
     where s.stored is not null and not s.flagged
       and not exists (select from ledger.vault b where b.credential_id = s.id and b.key <> '')`,
};

/** The source is not ours to change, nor a trigger's to change on our writes, also where the vault has the key by then. */
export const sourceChanged = `
  select w.id from ledger.wallet w join project_credentials c using (id) where c.metadata is distinct from w.metadata`;

/** The wallets per state, and those whose flag says what is not so. */
const standingNow = `
  select count(*)::int as credentials,
         count(*) filter (where state = 'stored')::int as stored, count(*) filter (where state = 'pending')::int as pending,
         count(*) filter (where state = 'conflict')::int as conflict,
         count(*) filter (where state = 'ambiguousSource')::int as "ambiguousSource",
         count(*) filter (where state = 'unreadableSource')::int as "unreadableSource",
         count(*) filter (where state = 'missingKey')::int as "missingKey",
         count(*) filter (where case when state = 'stored' then not flagged else flagged and stored is null end)::int as flags_wrong
    from ledger.standing`;

/** The rules that are broken now. */
export async function broken({ query }: Database): Promise<string[]> {
  const found: string[] = [];
  for (const [rule, sql] of Object.entries(rules)) {
    const rows = await query(sql);
    if (rows.length > 0) found.push(`${rule} (${rows.length})`);
  }
  return found;
}

/** The result says what the database says, and every wallet that is left open has a reason. */
export async function assertTrue(database: Database, result: TransferResult): Promise<void> {
  const { found, refusals, whyOpen } = result;
  const [now] = await database.query<Record<string, number>>(standingNow);
  const { credentials, flags_wrong: flagsWrong, ...states } = now ?? {};
  const { verified: _, ...counted } = found.counts;
  assert.deepEqual(counted, { credentials, states, flagsWrong }, "the counts are those of the database");
  const named = attentionOf(found, { refusals, whyOpen }).filter(({ state }) => state === "pending");
  assert.equal(named.length, states["pending"], "each pending wallet is named");
  for (const { credentialId, advice } of named)
    assert.ok(
      refusals.some(({ id }) => id === credentialId) || whyOpen !== undefined,
      `no reason why it is pending: ${advice}`,
    );
  if (statusOf(found.counts) === "complete") assert.equal(states["stored"], credentials);
}
