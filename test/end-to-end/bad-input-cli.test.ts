import assert from "node:assert/strict";
import { test } from "node:test";
import type { Database } from "../support/database";
import { assertNoStack, printed, withDeployment } from "./stack";
import { rows } from "./database-state";

interface BadInput {
  readonly title: string;
  /** SQL that makes the database bad. */
  readonly sql?: string;
  /** One more key of the configuration. */
  readonly configuration?: readonly [key: string, value: string];
  /** What the user has to be told. */
  readonly says: readonly RegExp[];
}

const id = "00000000-0000-4000-8000-000000000001";
const url = (database: Database, password: string) => database.url.replace(/:[^:@]+@/, `:${password}@`);

const bad: readonly BadInput[] = [
  {
    title: "a configuration key that nobody knows",
    configuration: ["credentialTable", "wallets"],
    says: [/credentialTable is not a key of this program/, /credentialsTable/, /\[ERR_CONFIGURATION\]/],
  },
  {
    title: "a wrong password",
    configuration: ["databaseUrl", "wrong password"],
    says: [/\[ERR_AUTHENTICATION\]/],
  },
  {
    title: "a table that is not there",
    configuration: ["vaultTable", "vault"],
    says: [/There is no table public\.vault in this database/, /\[ERR_TABLE_MISSING\]/],
  },
  {
    title: "a credential with two vault rows",
    sql: `insert into project_credentials (id, project_id, credential_type) values ('${id}', gen_random_uuid(), 'x');
          insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
          values ('${id}', 'one', 'key one'), ('${id}', 'two', 'key two')`,
    says: [new RegExp(id), /\[ERR_DUPLICATES\]/],
  },
  {
    title: "a table where the view should be",
    sql: "create table wallet_status_monitoring (n int)",
    says: [/wallet_status_monitoring/, /\[ERR_NAME_TAKEN\]/],
  },
];

for (const { title, sql, configuration, says } of bad) {
  test(`${title} stops the preview with what was found and what to do`, () =>
    withDeployment(sql === undefined ? {} : { sql }, {}, async ({ database, must, run }) => {
      const [key, value] = configuration ?? [];
      if (key === "databaseUrl") {
        await must("config", "set", "--secret", key, "--", url(database, "not-the-password"));
      } else if (key !== undefined) await must("config", "set", key, "--", String(value));
      const before = await rows(database);
      const failed = await run("preview");
      const text = printed(failed);
      assert.notEqual(failed.code, 0, text);
      for (const pattern of says) assert.match(text, pattern);
      assertNoStack(text);
      assert.doesNotMatch(text, /key one|key two|not-the-password/);
      assert.ok(!text.includes(new URL(database.url).password), "the password is printed");
      assert.equal(await rows(database), before);
    }));
}
