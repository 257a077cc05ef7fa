import assert from "node:assert/strict";
import { test } from "node:test";
import { takeSurvey } from "../../components/key-transfer/survey";
import { monitoringOptions, monitoringViews } from "../../components/monitoring/views";
import { applyView } from "../../components/view/apply";
import { type Database, testedMajors, withDatabase } from "../support/database";
import { wallets } from "../../fixtures/wallets";
import { withConstraint } from "../../testing/transfer";

const load = ["wallet-system"] as const;

/** Both views, as a stack makes them. */
async function makeViews({ url }: Database): Promise<void> {
  const { schemaFacts } = await takeSurvey(url, wallets);
  const { walletStatus, storageStatus } = monitoringViews(wallets, schemaFacts);
  for (const [name, query] of Object.entries({
    wallet_status_monitoring: walletStatus,
    vault_storage_status: storageStatus,
  })) {
    const place = { schema: "public", name, query, options: monitoringOptions, readers: [] };
    const rest = { readersMayBeMissing: false, schemaMayBeMissing: false, lockTimeoutMs: 500, lockDeadlineMinutes: 1 };
    await applyView(url, { ...place, ...rest }, undefined, () => undefined);
  }
}

const digits = "4f3edf983ac636a65a842ce7c78d9aa706d3b113bce9c46f30d7d21715b23b1d";
const keystore = `{"address":"90f8bf6a479f320ead074411a4b0e7944ea8c9c1","crypto":{}}`;

const phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow";

/** What stands as a wallet's address and as its key, and whether the view may show it. */
const addresses: readonly [address: string | null, key: string, shown: boolean][] = [
  ["0x90f8bf6a479f320ead074411a4b0e7944ea8c9c1", `0x${digits}`, true],
  [`0x${digits}`, `0x${digits}`, false],
  [digits.toUpperCase(), `0x${digits}`, false],
  [`eth:${digits}`, digits, false],
  [`0x${digits.slice(0, 40)}`, `0x${digits}`, false],
  // Spellings of one and the same: what was pasted with a line end, quoted twice, cut behind a prefix, a phrase.
  [`0x${digits}`, `0x${digits}\n`, false],
  [`0x${digits}`, ` ${digits}`, false],
  [` 0x${digits.slice(0, 38)}`, `"0x${digits}"`, false],
  [`eth:0x${digits.slice(0, 20)}`, `0x${digits}`, false],
  [phrase.replaceAll(" ", "  "), phrase, false],
  [phrase.slice(0, 40), phrase, false],
  ["0x90f8bf6a479f320ead074411a4b0e7944ea8c9c1", keystore, true],
  ["0x0000000000000000000000000000000000000000", `0x${digits}`, true],
  [null, `0x${digits}`, true],
  ["short", "short-but-no-digits", true],
];

for (const major of testedMajors) {
  for (const place of ["metadata", "vault"])
    test(`an address that gives the key away is not shown, any other is (key in ${place}, PostgreSQL ${major})`, async () => {
      await withDatabase({ major, load, sql: withConstraint }, async (database) => {
        for (const [n, [address, key]] of addresses.entries()) {
          const metadata = place === "metadata" ? { private_key_encrypted: key } : {};
          await database.query(
            `with made as (insert into project_credentials (project_id, credential_type, network, wallet_address, metadata)
               values (gen_random_uuid(), 'w', $1, $2, $3) returning id)
             insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
               select id, $1, $4 from made where $5`,
            [String(n), address, metadata, key, place === "vault"],
          );
        }
        await makeViews(database);
        const seen = await database.query(
          "select wallet_address as address from wallet_status_monitoring order by network::int",
        );
        assert.deepEqual(
          seen.map((row) => row["address"]),
          addresses.map(([address, , shown]) => (shown ? address : null)),
        );
      });
    });

  test(`an address that is one of two keys in metadata is not shown either (PostgreSQL ${major})`, async () => {
    await withDatabase({ major, load, sql: withConstraint }, async (database) => {
      const metadata = {
        private_key_encrypted: "another-key-altogether",
        vault_storage: { encrypted_private_key: digits },
      };
      await database.query(
        `insert into project_credentials (project_id, credential_type, wallet_address, metadata)
         values (gen_random_uuid(), 'w', $1, $2)`,
        [digits, metadata],
      );
      await makeViews(database);
      assert.deepEqual(
        await database.query(
          "select wallet_address as address, migration_status as state from wallet_status_monitoring",
        ),
        [{ address: null, state: "ambiguousSource" }],
      );
    });
  });

  test(`the views are made where the network is json, which has no equality (PostgreSQL ${major})`, async () => {
    const sql = `${withConstraint}; alter table project_credentials drop column network cascade;
      alter table project_credentials add column network json default '{"chain":1}';
      insert into project_credentials (project_id, credential_type, metadata)
      select gen_random_uuid(), 'w', '{}' from generate_series(1, 3)`;
    await withDatabase({ major, load, sql }, async (database) => {
      await makeViews(database);
      assert.deepEqual(
        await database.query("select network::text as network, wallets::int as wallets from vault_storage_status"),
        [{ network: '{"chain":1}', wallets: 3 }],
      );
    });
  });
}
