import assert from "node:assert/strict";
import { test } from "node:test";
import { powerfulFindings } from "../../components/exposure/catalog/readers";
import { type Database, testedMajors, withDatabase } from "../support/database";
import { exposureOf, look, randomKey, said, walletsWith } from "./looked";

/** Runs `use` with roles of the server's, which all of its databases share, and takes them away again. */
async function withRoles(
  { query }: Pick<Database, "query">,
  roles: readonly string[],
  use: () => Promise<void>,
): Promise<void> {
  const names = roles.map((role) => role.split(" ")[0] ?? "");
  try {
    for (const role of roles) await query(`create role ${role}`);
    await use();
  } finally {
    for (const name of names) await query(`drop owned by ${name} cascade`);
    for (const name of names) await query(`drop role ${name}`);
  }
}

for (const major of testedMajors) {
  test(`on Supabase the roles of the web API are named, and whether the API serves the schema (PostgreSQL ${major})`, async () => {
    await withDatabase({ major }, async (database) => {
      const { query, url } = database;
      const roles = [
        "anon",
        "authenticated",
        "service_role bypassrls",
        "authenticator login noinherit",
        "supa_owner bypassrls",
      ];
      await withRoles(database, roles, async () => {
        assert.deepEqual(said(await exposureOf(url), "api"), []);
        await query(`
          grant anon, authenticated, service_role to authenticator;
          grant usage on schema public to anon, authenticated, service_role;
          grant all on all tables in schema public to anon, authenticated, service_role;
          alter table project_credentials owner to supa_owner;
          create publication supabase_realtime for table project_credentials`);
        const findings = await exposureOf(url);
        const api = said(findings, "api");
        assert.equal(api.length, 2);
        for (const text of api)
          assert.match(
            text,
            /anon, authenticated may read it.*No setting in the database says.*Row-level security is on.*revoke all on .* from anon, authenticated;/,
          );
        const readers = said(findings, "reader");
        for (const role of ["anon", "authenticated", "service_role"])
          assert.equal(
            readers.filter((text) =>
              text.includes(`Role ${role} may read it, by a grant on the table. So may its members: authenticator.`),
            ).length,
            2,
          );
        assert.ok(
          readers.some((text) =>
            text.startsWith("public.project_credentials.metadata: Role supa_owner owns the table"),
          ),
        );
        assert.match(said(findings, "rowSecurity").join("\n"), /does not hold back service_role/);
        assert.equal(said(findings, "publication").length, 1);

        for (const [schemas, says] of [
          ["public, graphql_public", /The API serves schema public/],
          ["api", /The API does not serve schema public/],
        ] as const) {
          await query(`alter role authenticator set pgrst.db_schemas = '${schemas}'`);
          assert.match(said(await exposureOf(url), "api").join(), says);
        }
      });
    });
  });

  test(`members of a role that may read are told, and roles with pg_read_all_data (PostgreSQL ${major})`, async () => {
    await withDatabase({ major }, async (database) => {
      const roles = ["reading", "member_of_it", "all_reading", "file_reading", "copying replication"];
      await withRoles(database, roles, async () => {
        await database.query(`
          grant reading to member_of_it; grant select on credential_vault_storage to reading;
          grant pg_read_all_data to all_reading; grant pg_read_server_files to file_reading`);
        const texts = said(await exposureOf(database.url), "reader");
        assert.ok(
          texts.some((text) =>
            /Role reading may read it.*its members: member_of_it.*It may not use schema public itself|Role reading may read it.*its members: member_of_it\./.test(
              text,
            ),
          ),
          texts.join("\n"),
        );
        for (const says of [
          /^pg_read_all_data: 1 \(all_reading\)/,
          /^pg_read_server_files, pg_execute_server_program: 1 \(file_reading\)/,
          /^replication roles: 1 \(copying\)/,
          /^superusers: \d+ \(/,
        ])
          assert.equal(texts.filter((text) => says.test(text)).length, 1, String(says));
      });
    });
  });

  test(`a role that owns the tables and is no superuser can look at all of it (PostgreSQL ${major})`, async () => {
    const sql = `${walletsWith(randomKey())} create view shows as select metadata from project_credentials;
                 create publication app for all tables; create schema shut; create table shut.vault (encrypted_private_key text);
                 create function shut.keys() returns text language sql as 'select encrypted_private_key from public.credential_vault_storage'`;
    await withDatabase({ major, sql }, async (database) => {
      await withRoles(database, ["owning login bypassrls password 'owning'"], async () => {
        await database.query(`grant usage, create on schema public to owning;
          alter table project_credentials owner to owning; alter table credential_vault_storage owner to owning`);
        const url = new URL(database.url);
        url.username = url.password = "owning";
        const findings = await exposureOf(url.href);
        assert.deepEqual(said(findings, "notLooked"), []);
        for (const kind of ["view", "publication", "otherTable", "function", "protection", "statistics"] as const)
          assert.ok(
            findings.some((finding) => finding.kind === kind),
            kind,
          );
      });
    });
  });

  test(`logging that would write down keys is told for the roles that have it (PostgreSQL ${major})`, async () => {
    await withDatabase({ major }, async (database) => {
      assert.deepEqual(said(await exposureOf(database.url), "logging"), []);
      await withRoles(database, ["app"], async () => {
        await database.query(`
          alter role app set log_statement = 'mod';
          alter role app in database ${database.name} set log_min_duration_statement = '200ms';
          alter database ${database.name} set log_parameter_max_length_on_error = '-1'`);
        const texts = said(await exposureOf(database.url), "logging");
        assert.deepEqual(
          texts.map((text) => text.split(": ").slice(0, 2).join(": ")),
          [
            "log_min_duration_statement: For role app",
            "log_parameter_max_length_on_error: For the role in databaseUrl, this database",
            "log_statement: For role app",
          ],
        );
      });
    });
  });

  test(`the advice on statistics keeps new samples away and removes the old ones (PostgreSQL ${major})`, async () => {
    const keys = Array.from({ length: 150 }, randomKey);
    const sql = `${walletsWith(...keys)}
      insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
        select id, id::text, metadata ->> 'private_key_encrypted' from project_credentials;
      analyze`;
    await withDatabase({ major, sql }, async ({ url, query }) => {
      const samples = async (): Promise<number> => {
        const [row] = await query<{ text: string }>(
          `select coalesce(string_agg(concat(most_common_vals::text, histogram_bounds::text), ''), '') as text from pg_stats
            where attname in ('metadata', 'encrypted_private_key')`,
        );
        return keys.filter((key) => row?.text.includes(key)).length;
      };
      assert.ok((await samples()) > 0);
      for (const round of ["keeps new samples away", "removes the old ones"]) {
        const advice = (await look(url)).findings.filter(({ kind }) => kind === "statistics").map((one) => one.advice);
        assert.equal(advice.length, 2, round);
        for (const text of advice) {
          const statements = text.match(
            /(alter table [^;]*statistics 0;|select pg_clear_attribute_stats[^;]*;|delete from pg_statistic [^;]*;)/g,
          );
          for (const statement of statements ?? []) {
            if (round.startsWith("keeps") !== statement.startsWith("alter")) continue;
            await query(statement);
          }
        }
        await query("analyze");
        if (round.startsWith("keeps")) assert.ok((await samples()) > 0, "statistics 0 and ANALYZE leave what is there");
      }
      assert.equal(await samples(), 0);
      assert.deepEqual(said(await exposureOf(url), "statistics"), []);
    });
  });
}

test("no finding about powerful roles where there are none", () => {
  assert.deepEqual(powerfulFindings({ superusers: [], all_data: [], files: [], replication: [] }), []);
});
