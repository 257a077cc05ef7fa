import assert from "node:assert/strict";
import { test } from "node:test";
import { assertNoStack, printed, withDeployment } from "./stack";
import { rows } from "./database-state";

const id = "00000000-0000-4000-8000-000000000001";
const twoVaultRows = `
  insert into project_credentials (id, project_id, credential_type) values ('${id}', gen_random_uuid(), 'x');
  insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
  values ('${id}', 'one', 'key one'), ('${id}', 'two', 'key two')`;

// One for each place that an error comes from; what else can be wrong is tried without the CLI.
test("what is wrong stops the preview with what was found and what to do", (t) =>
  withDeployment({}, {}, async ({ database, must, run }) => {
    const stops = (title: string, ...says: readonly RegExp[]) =>
      t.test(title, async () => {
        const before = await rows(database);
        const failed = await run("preview");
        const text = printed(failed);
        assert.notEqual(failed.code, 0, text);
        for (const pattern of says) assert.match(text, pattern);
        assertNoStack(text);
        assert.doesNotMatch(text, /key one|key two|not-the-password/);
        assert.ok(!text.includes(new URL(database.url).password), "the password is printed");
        assert.equal(await rows(database), before);
      });

    await must("config", "set", "credentialTable", "wallets");
    const key = /credentialTable is not a key of this program/;
    await stops("a configuration key that nobody knows", key, /credentialsTable/, /\[ERR_CONFIGURATION\]/);
    await must("config", "rm", "credentialTable");

    await database.query(twoVaultRows);
    await stops("a credential with two vault rows", new RegExp(id), /\[ERR_DUPLICATES\]/);
    await database.query("truncate project_credentials cascade");

    await database.query("create table wallet_status_monitoring (n int)");
    await stops("a table where the view should be", /wallet_status_monitoring/, /\[ERR_NAME_TAKEN\]/);
    await database.query("drop table wallet_status_monitoring");

    const wrong = database.url.replace(/:[^:@]+@/, ":not-the-password@");
    await must("config", "set", "--secret", "databaseUrl", "--", wrong);
    await stops("a wrong password", /\[ERR_AUTHENTICATION\]/);
  }));
