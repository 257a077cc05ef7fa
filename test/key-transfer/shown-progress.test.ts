import assert from "node:assert/strict";
import { test } from "node:test";
import { transfer, withConstraint } from "../../testing/transfer";
import { withDatabase } from "../support/database";
import { eventually } from "../support/eventually";

test("a transfer that lasts shows its share and its rate in pg_stat_activity", () => {
  const slow = `create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(0.005); return new; end';
    create trigger slow before insert on credential_vault_storage for each row execute function slow()`;
  const sql = `${withConstraint}; ${slow}`;
  return withDatabase({ load: ["wallet-system", ["waiting", 1500]], sql }, async ({ query, url }) => {
    const running = transfer(url);
    const name = await eventually(
      "a session shows it",
      async () =>
        (
          await query<{ name: string }>(
            "select application_name as name from pg_stat_activity where application_name like '%\\%%' and datname = current_database()",
          )
        )[0]?.name,
      running,
    );
    assert.match(name, /^wallet-vault: moving keys to the vault, \d+ %, [\d,]+\/s$/);
    assert.ok(name.length <= 63);
    assert.equal((await running).found.counts.states.stored, 1500);
  });
});
