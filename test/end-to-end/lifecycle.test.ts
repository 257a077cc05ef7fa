import assert from "node:assert/strict";
import { test } from "node:test";
import { catalog, expectedStates, rows, wrongVaultRows } from "./database-state";
import { printed, stackName, withDeployment } from "./stack";
import { assertOutputs, expectedNumbers } from "./outputs";
import { makeDrift, assertRepaired } from "./drift";

const load = ["wallet-system", "later-additions", ["mixed", 400]] as const;

test("from preview to destroy: what each command shows, does and leaves alone", () =>
  withDeployment({ load }, {}, async ({ database, project, run, must }) => {
    // Preview: numbers, and not a byte written.
    const before = { rows: await rows(database), catalog: await catalog(database) };
    const previewed = await must("preview");
    assert.match(previewed, /pending\s*: 260\b/);
    assert.deepEqual({ rows: await rows(database), catalog: await catalog(database) }, before);

    // Up: everything moved that can be, and outputs that say what the database says.
    const numbers = await expectedNumbers(database);
    await must("up");
    assert.equal(await wrongVaultRows(database), 0);
    assertOutputs(await project.outputs(stackName), numbers, await expectedStates(database, "after"));
    const moved = await rows(database);

    // Nothing to do: no change, though wallets still need a person.
    await must("up", "--expect-no-changes");
    assert.equal(await rows(database), moved);

    // A key that appears later is a change, and moved by the next up.
    const late = await addWallet(database);
    assert.notEqual((await run("preview", "--expect-no-changes")).code, 0);
    await must("up");
    assert.deepEqual(await vaultKey(database, late), ["late key"]);

    // An address that is the wallet's key: a preview says so, and it is no change.
    await database.query(
      "update project_credentials set wallet_address = 'a key in the wrong column', metadata = '{}' where id = $1",
      [late],
    );
    await database.query(
      `update credential_vault_storage set encrypted_private_key = 'a key in the wrong column' where credential_id = $1`,
      [late],
    );
    assert.match(
      await must("preview", "--expect-no-changes"),
      /keyInColumn public\.project_credentials\.wallet_address: 1 wallet has its key, or a part of it, in this column/,
    );

    // Drift: seen without a refresh and after one, and put right.
    const role = `visitor_${database.name}`;
    await makeDrift(database, role);
    try {
      const unrefreshed = await run("preview", "--expect-no-changes");
      assert.notEqual(unrefreshed.code, 0);
      assertDriftTold(printed(unrefreshed), role);
      await must("refresh");
      const refreshed = await run("preview", "--expect-no-changes");
      assert.notEqual(refreshed.code, 0);
      assertAllChange(printed(refreshed));
      await must("up");
      await assertRepaired(database, role);
    } finally {
      await database.query(`drop owned by ${role}; drop role ${role}`);
    }

    // Nothing changed since: a refresh has nothing to say.
    await must("refresh", "--expect-no-changes");

    // Destroy: two views less, and everything else as it was.
    const last = await rows(database);
    await must("destroy");
    assert.deepEqual(await database.query("select viewname from pg_views where schemaname = 'public'"), []);
    assert.equal(await rows(database), last);
    assert.equal((await constraints(database)).length, 1);
  }));

/** The view's own words for each kind of drift, and the constraint that is gone. */
function assertDriftTold(text: string, role: string): void {
  assert.match(text, /wallet_status_monitoring.*definition was changed/);
  assert.match(text, new RegExp(`vault_storage_status.*${role} holds SELECT`));
  assert.match(text, /vault_storage_status.*security_barrier/);
  assertAllChange(text);
}

function assertAllChange(text: string): void {
  for (const [type, name] of [
    ["UniqueConstraint", "constraint"],
    ["View", "wallet_status_monitoring"],
    ["View", "vault_storage_status"],
  ]) {
    assert.match(text, new RegExp(`^ *(~|\\+|\\+-) +.*wallet-vault:${type} +${name}\\b`, "m"));
  }
}

type Database = Parameters<typeof rows>[0];

async function addWallet(database: Database): Promise<string> {
  const [row] = await database.query<{ id: string }>(
    `insert into project_credentials (project_id, credential_type, metadata)
     values (gen_random_uuid(), 'ethereum_wallet', '{"private_key_encrypted": "late key"}') returning id`,
  );
  return row?.id ?? "";
}

async function vaultKey(database: Database, credential: string): Promise<string[]> {
  const found = await database.query<{ key: string }>(
    "select encrypted_private_key as key from credential_vault_storage where credential_id = $1",
    [credential],
  );
  return found.map(({ key }) => key);
}

const constraints = (database: Database) =>
  database.query("select from pg_constraint where conname = 'credential_vault_storage_credential_id_key'");
