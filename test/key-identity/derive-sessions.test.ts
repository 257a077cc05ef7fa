import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Client } from "pg";
import { deriveFunctions } from "../../components/key-identity/derive";
import { ownSettings } from "../../components/postgres/role-settings";
import { server, testedMajors, withDatabase } from "../support/database";
import { families } from "../support/derivation-families";
import { judge, type Pair, withDerivation } from "../support/deriving";
import { sprung, traps } from "../support/traps";

const key = createHash("sha256").update("session").digest();
const other = createHash("sha256").update("another").digest();
const own: Pair[] = families.flatMap(({ keys, address, network }) =>
  keys(key).map((stored) => ({ key: stored, address: address(key), network })),
);
const swapped: Pair[] = families.map(({ keys, address, network }) => ({
  key: keys(key)[0] as string,
  address: address(other),
  network,
}));
const pairs = [...own, ...swapped];
const expected = [...own.map(() => "proven"), ...swapped.map(() => "mismatch")];
const findings = async (session: Client): Promise<string[]> =>
  (await judge(session, pairs)).map(({ finding }) => finding);

/** What a role may have set, each with an effect on texts, literals, arrays or plans. */
const oddSettings = `
  set standard_conforming_strings = off; set backslash_quote = off; set escape_string_warning = on; set bytea_output = 'escape';
  set extra_float_digits = -15; set array_nulls = off; set transform_null_equals = on; set quote_all_identifiers = on;
  set plan_cache_mode = force_custom_plan; set jit = on; set jit_above_cost = 0; set plpgsql.variable_conflict = 'use_column';
  set plpgsql.extra_errors = 'all'; set plpgsql.extra_warnings = 'all'; set datestyle = 'SQL, DMY'; set intervalstyle = 'sql_standard';
  set xmlbinary = 'hex'; set lc_numeric = 'C'; set default_transaction_isolation = 'serializable'; set temp_buffers = 100;
  set work_mem = '64kB'; set check_function_bodies = on`;

const encodings = ["UTF8", "EUC_JP", "EUC_TW", "EUC_JIS_2004", "LATIN1", "WIN1251", "SQL_ASCII"];

for (const major of testedMajors) {
  test(`findings are the same with odd settings of the role (PostgreSQL ${major})`, async () => {
    const host = await server(major);
    assert.deepEqual(await withDerivation(host.url(), findings, oddSettings), expected);
  });

  test(`no function or operator of another role is called (PostgreSQL ${major})`, () =>
    withDatabase({ major, load: [], sql: traps() }, async (database) => {
      const before = "set search_path = public, pg_catalog";
      assert.deepEqual(await withDerivation(database.url, findings, before), expected);
      assert.deepEqual(await sprung(database), []);
    }));

  test(`a function that somebody made in the session is not replaced (PostgreSQL ${major})`, async () => {
    const session = new Client({ connectionString: (await server(major)).url() });
    await session.connect();
    try {
      await session.query(`create function pg_temp.wallet_vault_keccak(text, text) returns text language sql as 'select null';
        ${ownSettings}`);
      await assert.rejects(session.query(deriveFunctions()), { code: "42723" });
      const { rows } = await session.query("select to_regclass('pg_temp.wallet_vault_multiples') as made");
      assert.deepEqual(rows, [{ made: null }]);
    } finally {
      await session.end();
    }
  });

  test(`columns whose collation ignores case, or allows no pattern, are compared by their bytes (PostgreSQL ${major})`, () =>
    withDatabase({ major, load: [] }, async ({ url }) =>
      withDerivation(url, async (session) => {
        await session.query(`create collation public.no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
          create table public.wallet (n serial, key text collate public.no_case, address text collate public.no_case,
                                      network varchar collate public.no_case)`);
        const changed = families.map(({ keys, address, network }) => ({
          key: keys(key)[0] as string,
          address: address(key).replace(/[a-z](?=[^a-z]*$)/, (letter) => letter.toUpperCase()),
          network: network ?? null,
        }));
        const stored = [...pairs, ...changed].map((pair) => [pair.key, pair.address, pair.network ?? null]);
        await session.query(
          "insert into public.wallet (key, address, network) select * from unnest($1::text[], $2::text[], $3::text[])",
          [0, 1, 2].map((column) => stored.map((row) => row[column])),
        );
        const { rows } = await session.query<{ finding: string }>(
          `select f.finding from (select array_agg(key order by n) as keys, array_agg(address order by n) as addresses,
                    array_agg(network::text order by n) as networks from public.wallet) w,
             pg_temp.wallet_vault_findings(w.keys, w.addresses, w.networks, w.networks) f order by f.n`,
        );
        const ignoringCase = await judge(session, changed);
        assert.deepEqual(
          rows.map(({ finding }) => finding),
          [...expected, ...ignoringCase.map(({ finding }) => finding)],
        );
      }),
    ));

  test(`findings survive a rollback, and a transaction that only reads (PostgreSQL ${major})`, async () => {
    await withDerivation((await server(major)).url(), async (session) => {
      await session.query("begin");
      await findings(session);
      await session.query("rollback");
      await session.query("begin transaction read only");
      assert.deepEqual(await findings(session), expected);
      await session.query("commit");
      assert.deepEqual(await findings(session), expected);
    });
  });

  for (const encoding of encodings)
    test(`keys and addresses are judged in ${encoding}, also beside letters beyond ASCII (PostgreSQL ${major})`, async () => {
      const host = await server(major);
      const name = `deriving_${encoding.toLowerCase()}`;
      const admin = new Client({ connectionString: host.url() });
      await admin.connect();
      try {
        await admin.query(`create database ${name} encoding '${encoding}' template template0 locale 'C'`);
        await withDerivation(host.url(name), async (session) => {
          if (encoding !== "SQL_ASCII") await session.query("set client_encoding = 'UTF8'");
          const foreign = { UTF8: "\u{1F511}", LATIN1: "été", WIN1251: "абзац" }[encoding] ?? "あいさつ";
          if (encoding === "EUC_TW") return assert.deepEqual(await findings(session), expected);
          const letters = [
            foreign,
            foreign.repeat(20),
            `0x${foreign}`,
            `bc1${foreign}`,
            `[${foreign}]`,
            `S${foreign.repeat(9)}`,
          ];
          const beyond = letters.flatMap((text) => [
            { ...(own[0] as Pair), key: text },
            { ...(own[0] as Pair), address: text, network: text, type: text },
          ]);
          const judged = await judge(session, [...beyond, ...pairs]);
          assert.deepEqual(
            judged.slice(beyond.length).map(({ finding }) => finding),
            expected,
          );
          for (const { finding } of judged.slice(0, beyond.length))
            assert.match(finding, /notDerivable|addressImpossible/);
          // Half of a letter, as an application may have cut one off.
          if (encoding === "SQL_ASCII") {
            const cut = await session.query(
              "select pg_temp.wallet_vault_judged(array[E'\\xe3' || repeat(E'\\x81', 30)], array['0x' || E'\\xe3'], null, null) as judged",
            );
            assert.deepEqual(cut.rows, [{ judged: ["notDerivable", null] }]);
          }
        });
      } finally {
        await admin.query(`drop database if exists ${name} with (force)`);
        await admin.end();
      }
    });
}
