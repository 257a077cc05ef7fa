import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { faultsAfterKill, faultsInTheEnd } from "./checker";
import { deploy } from "./deployment";
import { CrashServer } from "./crash-database";

const moved = `(select s.id from ledger.standing s join ledger.wallet w using (id)
                 where s.state = 'stored' and not w.flagged order by 1 limit 1)`;
const before = "(select credential_id from ledger.vault where key <> '' order by 1 limit 1)";
const missing = "(select id from ledger.standing where state = 'missingKey' order by 1 limit 1)";

/** What somebody does behind everybody's back, and the rule that must notice, already after a kill or only in the end. */
const violations: readonly (readonly [rule: string, when: "at once" | "in the end", sql: string, undo?: string])[] = [
  ["a wallet is gone", "at once", `delete from project_credentials where id = ${moved}`],
  [
    "metadata is not what the application wrote",
    "at once",
    `update project_credentials set metadata = coalesce(metadata, '{}') || '{"private_key_encrypted": "another"}' where id = ${moved}`,
  ],
  [
    "the vault holds what never was a key of its wallet",
    "at once",
    `update credential_vault_storage set encrypted_private_key = encrypted_private_key || ' ' where credential_id = ${moved}`,
  ],
  [
    "a key that was in the vault is gone or another",
    "at once",
    `delete from credential_vault_storage where credential_id = ${before}`,
  ],
  [
    "several vault rows for a wallet",
    "at once",
    `alter table credential_vault_storage drop constraint credential_vault_storage_credential_id_key;
     insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
     select credential_id, 'copy', encrypted_private_key from credential_vault_storage where credential_id = ${moved}`,
  ],
  [
    "a new flag claims a key that is not there",
    "at once",
    `update project_credentials set vault_stored = true where id = ${missing}`,
  ],
  ["a new flag has no date", "at once", `update project_credentials set vault_backup_date = null where id = ${moved}`],
  [
    "half-way: a new key in the vault, and no flag",
    "at once",
    `update project_credentials set vault_stored = false where id = ${moved}`,
  ],
  ["a view that strangers may read", "at once", "grant select on vault_storage_status to stranger"],
  ["a key is not in the vault", "in the end", `delete from credential_vault_storage where credential_id = ${moved}`],
  [
    "a build left its index behind",
    "in the end",
    "update pg_index set indisvalid = false where indexrelid = 'idx_credential_vault_storage_credential'::regclass",
  ],
  [
    "the constraint is not one valid unique constraint",
    "in the end",
    "create unique index on credential_vault_storage (credential_id)",
  ],
  ["a view is missing", "in the end", "drop view vault_storage_status"],
  [
    "a view tells another state",
    "in the end",
    `alter view wallet_status_monitoring rename to real_one;
     create view wallet_status_monitoring as select * from real_one offset 1`,
  ],
  [
    "a view counts other wallets",
    "in the end",
    `alter view vault_storage_status rename to real_one; create view vault_storage_status as select * from real_one offset 1`,
  ],
  ["a session of ours is left", "in the end", "set local application_name = 'wallet-vault: forgotten'"],
  [
    "a flag is missing",
    "in the end",
    `update project_credentials set vault_stored = false where id =
       (select s.id from ledger.standing s join ledger.vault b on b.credential_id = s.id where s.state = 'stored' and b.key <> '' limit 1)`,
  ],
  [
    "a flag claims what is not so",
    "in the end",
    `update credential_vault_storage set encrypted_private_key = '' where credential_id = ${moved}`,
  ],
  [
    "not as the fixture expects",
    "in the end",
    `update project_credentials set metadata = '{"private_key_encrypted": 7}' where id = ${missing}`,
  ],
  ["a prepared transaction is left", "in the end", "prepare transaction 'forgotten'", "rollback prepared 'forgotten'"],
];

test("each rule of the checker has a violation that it finds", () => {
  const files = ["checker.sql", "checker-views.sql"].map((name) => readFileSync(join(__dirname, name), "utf8"));
  const named = /^ *select (?:(?:true|false)(?: as always)?, )?'([^']+)'/gm;
  const rules = files.flatMap((sql) => [...sql.matchAll(named)].map(([, rule]) => rule));
  assert.deepEqual(new Set(rules), new Set(violations.map(([rule]) => rule)));
});

test("the checker is content with an undisturbed run, and with nothing else", async (t) => {
  const host = await CrashServer.start(18, 200);
  try {
    const database = await host.database();
    const { summary } = await deploy(database.url);
    const client = await database.session("checking");
    assert.deepEqual(await faultsAfterKill(client), []);
    assert.deepEqual(await faultsInTheEnd(client, summary.states), []);
    for (const [rule, when, sql, undo = "rollback"] of violations)
      await t.test(rule, async () => {
        await client.query(`begin; ${sql}`);
        const faults = when === "at once" ? await faultsAfterKill(client) : await faultsInTheEnd(client, {}, 0);
        await client.query(undo);
        assert.ok(
          faults.some((fault) => fault.startsWith(rule)),
          faults.join("; ") || "it noticed nothing",
        );
      });
    const wrong = { ...summary.states, stored: summary.states.stored + 1 };
    assert.match((await faultsInTheEnd(client, wrong)).join(), /the summary counts other wallets/);
  } finally {
    await host.server.remove();
  }
});
