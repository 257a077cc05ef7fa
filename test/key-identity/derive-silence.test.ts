import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { hex } from "@scure/base";
import { server, testedMajors, withDatabase } from "../support/database";
import { families } from "../support/derivation-families";
import { withDerivation } from "../support/deriving";

/** As much in the log as a superuser can have. */
const settings: Readonly<Record<string, string>> = {
  session_preload_libraries: "auto_explain",
  "auto_explain.log_min_duration": "0",
  "auto_explain.log_nested_statements": "on",
  "auto_explain.log_analyze": "on",
  "auto_explain.log_verbose": "on",
  debug_print_parse: "on",
  debug_print_rewritten: "on",
  debug_print_plan: "on",
  log_error_verbosity: "verbose",
  log_min_error_statement: "debug5",
  log_min_messages: "debug1",
  log_min_duration_statement: "0",
  log_duration: "on",
  log_statement: "all",
  log_parameter_max_length: "-1",
  log_parameter_max_length_on_error: "-1",
  log_temp_files: "0",
};

/** Wallets of all families, with every form of a key; of some, the address is another's, or the key is broken. */
const wallets = families.flatMap(({ keys, address, network }, family) => {
  const key = createHash("sha256").update(`silent ${family}`).digest();
  const other = createHash("sha256").update(`another ${family}`).digest();
  return keys(key).flatMap((stored) => [
    { key: stored, address: address(key), network },
    { key: stored, address: address(other), network },
    { key: stored.slice(0, -1), address: address(key), network },
    // A key in the column of addresses.
    { key: stored, address: stored, network },
  ]);
});

/** A key as it is, in base 16, or as the bytes of a constant of a plan. */
const traces = (secret: string): string[] => {
  const beginning = secret.slice(0, 16);
  return [beginning, hex.encode(Buffer.from(beginning)), [...Buffer.from(beginning)].join(" ")];
};

for (const major of testedMajors)
  test(`no part of a key is in the most talkative log or in a temporary file (PostgreSQL ${major})`, () =>
    withDatabase({ major, load: [] }, async ({ name, url, query }) => {
      await query("create table wallet (n serial, key text, address text, network text)");
      await query(
        "insert into wallet (key, address, network) select * from unnest($1::text[], $2::text[], $3::text[])",
        [
          wallets.map(({ key }) => key),
          wallets.map(({ address }) => address),
          wallets.map(({ network }) => network ?? null),
        ],
      );
      for (const [setting, value] of Object.entries(settings))
        await query(`alter database ${name} set ${setting} = '${value}'`);
      const host = await server(major);
      const before = (await host.log()).length;
      const rows = await withDerivation(url, async (session) => {
        await session.query("set work_mem = '64kB'");
        const found = await session.query<{ finding: string; opens: string | null }>(
          `select f.finding, f.opens
             from (select array_agg(key order by n) as keys, array_agg(address order by n) as addresses,
                          array_agg(network order by n) as networks from public.wallet) w,
                  pg_temp.wallet_vault_findings(w.keys, w.addresses, w.networks, w.networks) f order by f.n`,
        );
        return found.rows;
      });
      assert.ok(rows.filter(({ finding }) => finding === "proven").length >= wallets.length / 4);
      const secrets = wallets.map(({ key }) => key.replace(/^0x|^ed25519:|^ed25519-priv-0x|^\[/i, ""));
      for (const { opens } of rows)
        for (const secret of secrets) assert.ok(opens === null || !opens.includes(secret.slice(0, 16)));
      const log = (await host.log()).slice(before).toLowerCase();
      for (const proof of ["wallet_vault_judged(keys", "{plannedstmt", "query text:"])
        assert.ok(log.includes(proof), `the log is not talkative: no ${proof}`);
      const seen = new Set(secrets.flatMap(traces).map((trace) => trace.toLowerCase()));
      assert.deepEqual(
        [...seen].filter((trace) => log.includes(trace)),
        [],
      );
      assert.doesNotMatch(log, /temporary file:/);
    }));
