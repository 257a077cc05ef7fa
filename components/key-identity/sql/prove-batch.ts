import type { BatchPlan } from "../../batches/batch-plan";
import type { Client } from "../../postgres/connection";
import { runGuarded } from "../../postgres/guarded-block";
import { quoteQualified } from "../../postgres/quote";
import type { Wallets } from "../../key-transfer/wallets";
import { deriveFunctions } from "../derive";
import { type IdentitySql, identityTable, identityTexts } from "../identity-sql";

/** Makes a session ready for `proveBatch`. */
export async function prepareProofs(client: Client): Promise<void> {
  // A lost tail of commits is no loss: what was not recorded is proven again, and the read-back waits until all is on disk. Index
  // look-ups only, and enough memory, or PostgreSQL would put the keys of a batch into temporary files.
  await client.query("set synchronous_commit = off; set enable_seqscan = off; set work_mem = '1GB'");
  await client.query(deriveFunctions());
}

export interface ProofBatch {
  /** Wallets whose key was derived. */
  readonly proofs: number;
}

const setting = (name: string, type: string): string => `current_setting('wallet_vault.proof_${name}')::${type}`;

/**
 * Derives and records what the keys of some wallets open: those of the plan's range that have no valid proof, `most` at most. One
 * statement reads key and address, digests, derives and records; no key leaves it. It locks no row of the wallets or the vault.
 *
 * @throws CaughtError where it failed; nothing was recorded then
 */
export async function proveBatch(
  client: Client,
  wallets: Wallets,
  identity: IdentitySql,
  { range, lane, lanes, most }: BatchPlan,
): Promise<ProofBatch> {
  const given = {
    from: `(${range.from},0)`,
    to: `(${range.to},0)`,
    lane,
    lanes,
    most: most ?? Number.MAX_SAFE_INTEGER,
  };
  await client.query(
    `select ${Object.keys(given)
      .map((name, n) => `set_config('wallet_vault.proof_${name}', $${n + 1}, false)`)
      .join(", ")}`,
    Object.values(given).map(String),
  );
  return runGuarded<ProofBatch>(client, { declare: "", work: proofSql(wallets, identity), own: [] });
}

function proofSql(wallets: Wallets, { from, inScope, identity, digest }: IdentitySql): string {
  const table = quoteQualified(wallets.schema, wallets.credentialsTable);
  const credentials = `(select * from ${table} x where x.ctid >= ${setting("from", "tid")} and x.ctid < ${setting("to", "tid")}
                          and get_byte(tidsend(x.ctid), 5) % ${setting("lanes", "int4")} = ${setting("lane", "int4")})`;
  const texts = Object.entries(identityTexts);
  const gathered = ["key", ...texts.map(([name]) => name)].map(
    (name) => `array_agg(w.${name} order by w.n) as ${name}`,
  );
  return `with wallet as materialized (
      select row_number() over () as n, q.* from (
        select c.id, w.vault_key as key, ${texts.map(([name, sql]) => `${sql} as ${name}`).join(", ")}, ${digest} as digest
          from ${from({ credentials, perRowLookup: true })}
         where ${inScope} and w.state = 'stored' and ${identity} = 'unproven'
         limit ${setting("most", "int8")}) q
    ), found as materialized (
      select f.n, f.finding, f.opens
        from (select ${gathered.join(", ")} from wallet w) a,
             lateral pg_temp.wallet_vault_findings(a.key, a.address, a.network, a.type) f
       where a.key is not null
    ), recorded as (
      insert into ${identityTable(wallets)} (credential_id, digest, finding, opens, proven_at)
      select w.id, w.digest, f.finding, f.opens, clock_timestamp() from wallet w join found f on f.n = w.n
      on conflict (credential_id) do update
        set digest = excluded.digest, finding = excluded.finding, opens = excluded.opens, proven_at = excluded.proven_at
      returning 1
    )
    select jsonb_build_object('proofs', (select count(*) from recorded)) into result;`;
}
