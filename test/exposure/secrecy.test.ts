import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { lookAtExposure } from "../../components/exposure/exposure";
import { exposureLines } from "../../components/exposure/preview-lines";
import { type Finding, listed, mostFindings } from "../../components/exposure/finding";
import { limits, schemaFacts, wallets } from "../../fixtures/wallets";
import { server, testedMajors, withDatabase } from "../support/database";
import { sprung, traps } from "../support/traps";
import { exposureOf, look, randomKey, walletsWith } from "./looked";

const digits = (key: string): string => key.replace(/^0x/, "").slice(0, 16);

for (const major of testedMajors)
  test(`no part of a key is in the findings, in what a preview says, or in the server's log (PostgreSQL ${major})`, async () => {
    const keys = Array.from({ length: 12 }, randomKey);
    const first = keys[0] ?? "";
    // A key as the name of a field, in an address, in a function's body and in an index.
    const sql = `${walletsWith(...keys)}
      update project_credentials set wallet_address = metadata ->> 'private_key_encrypted',
        metadata = metadata || jsonb_build_object('mnemonic', '${first}', '${first}_seed', '${first}');
      create function public.uses_key() returns text language sql as $$ select encrypted_private_key from public.credential_vault_storage where encrypted_private_key <> '${first}' $$;
      create policy hidden on credential_vault_storage for select using (encrypted_private_key <> '${first}');
      create view shows as select metadata from project_credentials where metadata ->> 'private_key_encrypted' <> '${first}'`;
    await withDatabase({ major, sql }, async ({ url, name, query }) => {
      await query(`alter database ${name} set log_statement = 'all'; alter database ${name} set log_min_duration_statement = 0;
                   alter database ${name} set debug_print_plan = off; alter database ${name} set log_parameter_max_length_on_error = -1;
                   alter database ${name} set log_temp_files = 0`);
      const log = (await server(major)).logFile;
      const from = readFileSync(log).length;
      const { findings } = await look(url);
      const told = JSON.stringify([findings, listed(findings), exposureLines(findings, 12)]);
      const logged = readFileSync(log).subarray(from).toString();
      assert.match(logged, /with seen as materialized/, "the log is talkative");
      assert.ok(findings.some(({ kind }) => kind === "keyInColumn"));
      assert.ok(findings.some(({ kind }) => kind === "fieldName"));
      for (const key of keys)
        for (const [where, text] of [
          ["findings", told],
          ["log", logged],
        ] as const)
          assert.ok(!text.toLowerCase().includes(digits(key)), where);
      assert.doesNotMatch(logged, /temporary file/);
    });
  });

for (const major of testedMajors)
  test(`names of objects are shown on one line, quoted in SQL, and run nothing (PostgreSQL ${major})`, async () => {
    const hostile = `x"; drop table "project_credentials"; --\n::set-output name=a::b'`;
    const quoted = `"${hostile.replaceAll('"', '""')}"`;
    const sql = `create schema ${quoted};
      create table ${quoted}.${quoted} (encrypted_private_key text);
      create view ${quoted}."v" as select encrypted_private_key from credential_vault_storage;
      create function ${quoted}.${quoted}() returns trigger language plpgsql as 'begin perform to_jsonb(new); return null; end';
      create trigger ${quoted} after update on project_credentials for each row execute function ${quoted}.${quoted}();
      create policy ${quoted} on credential_vault_storage for select using (true);
      create publication ${quoted} for table credential_vault_storage;
      create index ${quoted} on credential_vault_storage (encrypted_private_key)`;
    await withDatabase({ major, sql }, async ({ url, query }) => {
      const findings = await exposureOf(url);
      for (const kind of ["otherTable", "view", "trigger", "policy", "publication", "index"])
        assert.ok(
          findings.some((finding) => finding.kind === kind && JSON.stringify(finding).includes("drop table")),
          kind,
        );
      for (const { object, detail, advice } of findings)
        for (const text of [object, detail, advice]) assert.doesNotMatch(text, /[\n\r]|^::/m);
      await query("select from project_credentials");
    });
  });

for (const major of testedMajors)
  test(`no function or operator of another role runs with the look (PostgreSQL ${major})`, async () => {
    const sql = `${walletsWith(randomKey(), "legal winner thank year wave sausage worth useful legal winner thank yellow")}
      insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
        select id, id::text, metadata ->> 'private_key_encrypted' from project_credentials limit 1;
      create view shows as select metadata from project_credentials; ${traps()}`;
    await withDatabase({ major, sql }, async (database) => {
      const findings = await exposureOf(database.url);
      assert.ok(findings.every(({ kind }) => kind !== "notLooked"));
      assert.deepEqual(await sprung(database), []);
    });
  });

test("what cannot be read is a finding and no error", async () => {
  await withDatabase({}, async ({ url }) => {
    const { findings } = await look(url);
    assert.ok(findings.length > 0);
    const gone = new URL(url);
    gone.pathname = "/no_such_database";
    const seen = await lookAtExposure(
      gone.href,
      { ...wallets, ...limits, monitoringSchema: "public" },
      schemaFacts,
      true,
    );
    assert.deepEqual(
      seen.findings.map(({ kind, object }) => [kind, object]),
      [["notLooked", "exposure"]],
    );
  });
});

const finding = (n: number): Finding => ({
  kind: n % 2 === 0 ? "function" : "reader",
  object: `o${String(n).padStart(3, "0")}`,
  detail: "d",
  advice: "a",
});

test("the list is bounded, in one order whatever the order of finding, and its last entry counts the others", () => {
  const many = Array.from({ length: 80 }, (_, n) => finding(n));
  const list = listed(many);
  assert.equal(list.length, mostFindings);
  assert.deepEqual(listed(many.toReversed()), list);
  assert.deepEqual(list.at(-1)?.detail, "31 findings are not listed: 31 function.");
  assert.deepEqual(listed(many.slice(0, mostFindings)).length, mostFindings);
  assert.ok(listed(many.slice(0, mostFindings)).every(({ kind }) => kind !== "more"));
});

test("what copies keys during a run is a warning while keys are pending, and a note otherwise", () => {
  const copying = { ...finding(1), copiesDuringRun: true };
  assert.deepEqual(
    exposureLines([finding(2), copying], 3).map(({ warns }) => warns),
    [true, false],
  );
  assert.match(
    exposureLines([copying], 3)[0]?.line ?? "",
    /^This run moves 3 keys, and has them copied: reader o001: d a$/,
  );
  assert.deepEqual(exposureLines([copying], 0), [{ line: "exposure: reader o001: d a", warns: false }]);
});
