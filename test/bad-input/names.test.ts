import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, escapeIdentifier as name, escapeLiteral as text } from "pg";
import { fixture } from "../../fixtures/fixtures";
import { server, testedMajors, withDatabase } from "../support/database";
import { transfer, withConstraint } from "../../testing/transfer";

const odd = {
  schema: `Wal"let; drop schema public --`,
  credentialsTable: "Project Credentials $body$ 'x'",
  vaultTable: 'Tresor.größe \\ "v"',
  keyPaths: [['Key "1" \\ {a,b}'], ["it's", "$$", "NULL"], ["%s %I :n"]],
  placeholders: ['it\'s {no} "key" \\ $$', "NULL"],
  credentialTypes: ['o\'wallet "x"'],
};

for (const major of testedMajors) {
  test(`names, key paths, placeholders and types that need quoting simply work (PostgreSQL ${major})`, async () => {
    const [schema, credentials, vault] = [name(odd.schema), name(odd.credentialsTable), name(odd.vaultTable)];
    const sql = `${withConstraint}; create schema ${schema};
      alter table project_credentials rename to ${credentials}; alter table credential_vault_storage rename to ${vault};
      alter table ${credentials} set schema ${schema}; alter table ${vault} set schema ${schema}`;
    await withDatabase({ major, sql }, async ({ url, query }) => {
      const [first, second, third] = odd.keyPaths as [string[], string[], string[]];
      const documents = [
        { [first[0] as string]: "key one" },
        { [second[0] as string]: { [second[1] as string]: { [second[2] as string]: "key two" } } },
        { [third[0] as string]: "key three" },
        ...odd.placeholders.map((placeholder) => ({ [first[0] as string]: placeholder })),
      ];
      for (const document of documents)
        for (const type of [odd.credentialTypes[0] as string, "another"])
          await query(`insert into ${schema}.${credentials} (project_id, credential_type, metadata)
            values (gen_random_uuid(), ${text(type)}, ${text(JSON.stringify(document))})`);
      const { found } = await transfer(url, { wallets: odd });
      assert.deepEqual(
        [found.counts.credentials, found.counts.states.stored, found.counts.states.missingKey],
        [5, 3, 2],
      );
      const keys = await query<{ key: string }>(
        `select encrypted_private_key as key from ${schema}.${vault} order by 1`,
      );
      assert.deepEqual(
        keys.map(({ key }) => key),
        ["key one", "key three", "key two"],
      );
    });
  });

  test(`a json column works, and a document that no text can hold keeps back no other (PostgreSQL ${major})`, async () => {
    const readable = [
      [String.raw`{"private_key_encrypted": "\ud83d\udd11"}`, "🔑"],
      [String.raw`{"private_key_encrypted": "\uD83D\uDD11\ud83d\udd11"}`, "🔑🔑"],
      [String.raw`{"private_key_encrypted": "a", "note": "\\u0000"}`, "a"],
      [String.raw`{"private_key_encrypted": "\\ud83d"}`, "\\ud83d"],
      [String.raw`{"private_key_encrypted": "0x9e12345", "note": "1e99999", "n": 1e20}`, "0x9e12345"],
      [String.raw`{"note": 1, "private_key_encrypted": "b", "note": 2}`, "b"],
      [String.raw`{ "private_key_encrypted" : "\u0063" }`, "c"],
    ] as const;
    const unreadable = [
      String.raw`{"private_key_encrypted": "d", "note": "\u0000"}`,
      String.raw`{"private_key_encrypted": "e\ud83d"}`,
      String.raw`{"private_key_encrypted": "\udd11f"}`,
      String.raw`{"private_key_encrypted": "\ud83dx\udd11"}`,
      String.raw`{"private_key_encrypted": "\ud83d\\udd11"}`,
      String.raw`{"private_key_encrypted": "\\\u0000"}`,
      String.raw`{"private_key_encrypted": "\udd11\ud83d"}`,
      String.raw`{"private_key_encrypted": "g", "note": "\\ud83d\ude00"}`,
      String.raw`{"private_key_encrypted": "h", "n": 1e999999}`,
      // Which of the two is the key would be a guess.
      String.raw`{"private_key_encrypted": "i", "private_key_encrypted": "j"}`,
      String.raw`{"vault_storage": {"encrypted_private_key": "k", "encrypted_private_key": "l"}}`,
      String.raw`{"vault_storage": {"encrypted_private_key": "m"}, "vault_storage": {}}`,
    ];
    const sql = `${withConstraint}; alter table project_credentials alter metadata type json`;
    await withDatabase({ major, load: ["wallet-system", ["waiting", 5]], sql }, async ({ url, query }) => {
      for (const [n, document] of [...readable.map(([first]) => first), ...unreadable].entries())
        await query(`insert into project_credentials (project_id, credential_type, wallet_address, metadata)
          values (gen_random_uuid(), 'ethereum_wallet', 'odd-${n}', ${text(document)})`);
      const { found } = await transfer(url);
      assert.deepEqual(
        [found.counts.states.stored, found.counts.states.unreadableSource, found.counts.states.pending],
        [5 + readable.length, unreadable.length, 0],
      );
      const keys = await query<{ key: string | null }>(`
        select v.encrypted_private_key as key from project_credentials c left join credential_vault_storage v on v.credential_id = c.id
         where c.wallet_address like 'odd-%' order by substr(c.wallet_address, 5)::int`);
      assert.deepEqual(
        keys.map(({ key }) => key),
        [...readable.map(([, key]) => key), ...unreadable.map(() => null)],
      );
    });
  });

  test(`in a database of another encoding, a document it cannot hold is told, not logged (PostgreSQL ${major})`, async () => {
    const host = await server(major);
    const client = new Client({ connectionString: host.url() });
    await client.connect();
    await client.query("create database latin encoding 'LATIN1' locale 'C' template template0");
    const latin = new Client({ connectionString: host.url("latin") });
    await latin.connect();
    try {
      await latin.query(`${fixture("wallet-system")}; ${withConstraint};
        alter table project_credentials alter metadata type json;
        insert into project_credentials (project_id, credential_type, metadata) values
        (gen_random_uuid(), 'ethereum_wallet', '{"private_key_encrypted": "secret-one", "note": "\\u20ac"}'),
        (gen_random_uuid(), 'ethereum_wallet', '{"private_key_encrypted": "secret-two"}')`);
      const { found } = await transfer(host.url("latin"));
      assert.deepEqual([found.counts.states.stored, found.counts.states.unreadableSource], [1, 1]);
      assert.doesNotMatch(await host.log(), /secret-/);
    } finally {
      await latin.end();
      await client.query("drop database latin with (force)");
      await client.end();
    }
  });
}

test("keys are compared byte for byte, also where the vault's column has a collation that ignores case", async () => {
  const sql = `${withConstraint}; create collation ignores_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    alter table credential_vault_storage alter encrypted_private_key type text collate ignores_case, alter vault_id type text collate ignores_case;
    insert into project_credentials (project_id, credential_type, wallet_address, metadata)
    select gen_random_uuid(), 'ethereum_wallet', a, json_build_object('private_key_encrypted', k)
      from (values ('lower', 'migration_required'), ('upper', 'KEY'), ('same', 'key')) w (a, k);
    insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
    select id, wallet_address, case wallet_address when 'lower' then 'migration_required' else 'key' end from project_credentials`;
  await withDatabase({ sql }, async ({ url }) => {
    const { found } = await transfer(url);
    assert.deepEqual(found.counts.states, {
      stored: 2,
      pending: 0,
      conflict: 1,
      ambiguousSource: 0,
      unreadableSource: 0,
      missingKey: 0,
    });
  });
});
