import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "pg";
import { fixture } from "../../fixtures/fixtures";
import { server, testedMajors } from "../support/database";
import { transfer, withConstraint } from "../../testing/transfer";

/** A key of each encoding's own characters, as a recovery phrase may be. */
const keys: Readonly<Record<string, string>> = {
  EUC_JP: "あいこくしん あいさつ",
  EUC_JIS_2004: "あいこくしん あいさつ",
  EUC_KR: "가격 가끔 가난",
  EUC_CN: "的 一 是 在",
  EUC_TW: "的 一 是 在",
  LATIN1: "été ébène",
  LATIN2: "žaluzie",
  WIN1252: "€lysée",
  WIN1251: "абзац",
  KOI8R: "абзац",
  ISO_8859_7: "αβγ",
  SQL_ASCII: "あいこくしん",
  UTF8: "あいこくしん あいさつ",
};

for (const major of testedMajors)
  for (const [encoding, key] of Object.entries(keys))
    test(`keys that begin with a letter beyond ASCII move in ${encoding} (PostgreSQL ${major})`, async () => {
      const host = await server(major);
      const name = `in_${encoding.toLowerCase()}`;
      const admin = new Client({ connectionString: host.url() });
      await admin.connect();
      try {
        await admin.query(`create database ${name} encoding '${encoding}' template template0 locale 'C'`);
        const own = new Client({ connectionString: host.url(name) });
        await own.connect();
        try {
          await own.query(`${fixture("wallet-system")}; ${withConstraint}`);
          const documents = [key, "0xkey", " ", "MIGRATION_REQUIRED", "\u007f", "~\u007fkey"];
          for (const document of documents)
            await own.query(
              `insert into project_credentials (project_id, credential_type, metadata)
               values (gen_random_uuid(), 'wallet', jsonb_build_object('private_key_encrypted', $1::text))`,
              [document],
            );
          const { found } = await transfer(host.url(name));
          assert.deepEqual(
            [found.counts.states.stored, found.counts.states.missingKey, found.counts.verified],
            [4, 2, 4],
          );
          const { rows } = await own.query("select encrypted_private_key as key from credential_vault_storage");
          assert.deepEqual(rows.map((row) => row.key).sort(), [key, "0xkey", "\u007f", "~\u007fkey"].sort());
        } finally {
          await own.end();
        }
      } finally {
        await admin.query(`drop database if exists ${name} with (force)`);
        await admin.end();
      }
    });
