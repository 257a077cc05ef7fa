import assert from "node:assert/strict";
import { test } from "node:test";
import { ledger } from "../crash/checker";
import { withDatabase } from "../support/database";
import { assertTrue, broken, sourceChanged, wallets } from "../support/hostile-rules";
import { type HostileTrigger, makingTriggers } from "../support/hostile-triggers";
import { transfer, withConstraint } from "../../testing/transfer";

/** Found by drawing triggers at random, and kept: each was let through, or ended the run. */
const known: readonly (Pick<HostileTrigger, "timing" | "circle"> & { readonly what: string; readonly sql: string })[] =
  [
    {
      what: "takes the key out of metadata before the vault has it",
      timing: "before",
      circle: "true",
      sql: "update public.project_credentials set metadata = metadata - 'private_key_encrypted' where id = S;",
    },
    {
      what: "leaves a statement timeout behind",
      timing: "after",
      circle: "w.n = 2",
      sql: "perform set_config('statement_timeout', '1', false);",
    },
    {
      what: "becomes another role and stays it",
      timing: "after",
      circle: "w.n = 2",
      sql: "perform set_config('role', 'pg_monitor', false);",
    },
  ];
for (const { what, timing, circle, sql } of known)
  test(`a trigger that ${what} changes no source, and holds up no other wallet`, () =>
    withDatabase(
      { load: ["wallet-system", ["waiting", wallets]], sql: `${withConstraint}; ${ledger}` },
      async (database) => {
        const effect = { name: what, sql, own: true };
        const trigger = { what, table: "vault", timing, level: "row", events: "insert", circle, effect } as const;
        await database.query(makingTriggers([trigger]));
        await assertTrue(database, await transfer(database.url));
        assert.deepEqual(await broken(database), []);
        assert.deepEqual(await database.query(sourceChanged), []);
        const held = `select w.id from ledger.wallet w join ledger.standing s using (id) where s.state = 'pending' and not (${circle})`;
        assert.deepEqual(await database.query(held), []);
      },
    ));
