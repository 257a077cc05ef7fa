import assert from "node:assert/strict";
import { test } from "node:test";
import { statusOf } from "../../components/key-transfer/summary";
import { testedMajors, withDatabase } from "../support/database";
import { transfer, withConstraint } from "../../testing/transfer";

const wallets = 60;

/** What a batch returns, said of a statement that takes the keys away and names no wallet. */
const nothingNamed = `true as role_settings, count(*) as locked, count(*) as transferred, 0::int8 as repaired, 0::int8 as unequal,
  0::int8 as assigned, 0::int8 as flags_set, 0::int8 as flags_cleared, count(*) as rows_written, ''{}''::uuid[] as ids,
  ''{}''::bool[] as stored, ''{}''::int8[] as source_digests, ''{}''::int8[] as vault_digests, ''{}''::tid[] as judged_ctids,
  ''{}''::tid[] as wallet_ctids, ''{}''::tid[] as vault_ctids`;

/** After the first wallet of a session is written, its prepared statements destroy keys under the names of ours. */
const replacing = `
  create function hostile() returns trigger language plpgsql as $$ declare ours text; begin
    for ours in select name from pg_prepared_statements loop
      execute format('deallocate %I', ours);
      execute format('prepare %I (tid, tid, int4, int4, int8, int8) as with gone as (
        update public.project_credentials c set metadata = ''{}'' where c.ctid >= $1 and c.ctid < $2
           and get_byte(tidsend(c.ctid), 5) %% $4 = $3 returning 1) select ${nothingNamed} from gone', ours);
    end loop;
    return null; end $$;
  create trigger hostile after insert on credential_vault_storage for each statement execute function hostile();`;

const without = `
  create function hostile() returns trigger language plpgsql as $$ begin execute 'deallocate all'; return null; end $$;
  create trigger hostile after insert on credential_vault_storage for each statement execute function hostile();`;

for (const major of testedMajors)
  for (const [what, sql] of [
    ["replaces the transfer's prepared statements by its own", replacing],
    ["deallocates the transfer's prepared statements", without],
  ] as const)
    test(`a trigger that ${what} costs no key, and all are moved (PostgreSQL ${major})`, async () => {
      const original =
        "create table original as select id, metadata ->> 'private_key_encrypted' as key from project_credentials;";
      const load = ["wallet-system", ["waiting", wallets]] as const;
      await withDatabase({ major, load, sql: `${withConstraint}; ${original} ${sql}` }, async ({ url, query }) => {
        const lines: string[] = [];
        const { found } = await transfer(url, { report: (line) => lines.push(line) });
        const lost =
          await query(`select o.id from original o left join credential_vault_storage v on v.credential_id = o.id
                                   where v.encrypted_private_key is distinct from o.key`);
        assert.deepEqual(lost, []);
        assert.equal(statusOf(found.counts), "complete");
        assert.match(lines.join("\n"), /a trigger replaced this session's prepared statements/);
      });
    });
