import assert from "node:assert/strict";
import { test } from "node:test";
import { countExposedAddresses, exposedAddressesAdvice } from "../../components/key-transfer/exposed-addresses";
import { takeSurvey } from "../../components/key-transfer/survey";
import { type Database, testedMajors, withDatabase } from "../support/database";
import { limits, wallets } from "../../fixtures/wallets";

const key = "4f3edf983ac636a65a842ce7c78d9aa706d3b113bce9c46f30d7d21715b23b1d";
const address = "0x90f8bf6a479f320ead074411a4b0e7944ea8c9c1";

interface Row {
  readonly address?: string;
  readonly publicKey?: string;
  readonly key?: string;
  readonly where?: "vault";
  readonly exposed: boolean;
}

const rows: readonly Row[] = [
  { address, publicKey: "04aa".repeat(16), key: `0x${key}`, exposed: false },
  { address: `0x${key}`, key: `0x${key}`, exposed: true },
  { address: key.toUpperCase(), key: `0x${key}`, exposed: true },
  { address: `eth:${key}`, key, exposed: true },
  { address: `0x${key}`, key, where: "vault", exposed: true },
  { address, publicKey: key, key, where: "vault", exposed: true },
  { address: `0x${key}`, publicKey: key, key, exposed: true },
  { address: "MIGRATION_REQUIRED", key: "MIGRATION_REQUIRED", exposed: false },
  { address: "abc", key: "abc", exposed: false },
  { key, exposed: false },
  { address, exposed: false },
];

async function load({ query }: Database, publicKeys: boolean): Promise<void> {
  for (const [n, row] of rows.entries()) {
    const metadata = row.where === "vault" || row.key === undefined ? {} : { private_key_encrypted: row.key };
    const [wallet] = await query<{ id: string }>(
      `insert into project_credentials (project_id, credential_type, wallet_address, metadata)
       values (gen_random_uuid(), 'w', $1, $2) returning id`,
      [row.address ?? null, metadata],
    );
    if (publicKeys)
      await query("update project_credentials set public_key = $2 where id = $1", [wallet?.id, row.publicKey ?? null]);
    if (row.where === "vault")
      await query(
        "insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key) values ($1, $2, $3)",
        [wallet?.id, `v${n}`, row.key],
      );
  }
}

const count = async (url: string): Promise<number> => {
  const { schemaFacts } = await takeSurvey(url, wallets);
  return countExposedAddresses(url, wallets, schemaFacts, limits);
};

for (const major of testedMajors) {
  test(`wallets whose address or public key gives the key away are counted, each once (PostgreSQL ${major})`, async () => {
    await withDatabase({ major }, async (database) => {
      await load(database, true);
      assert.equal(await count(database.url), rows.filter(({ exposed }) => exposed).length);
    });
  });

  test(`without a public_key column the addresses alone are counted (PostgreSQL ${major})`, async () => {
    const sql = "alter table project_credentials drop column public_key";
    await withDatabase({ major, sql }, async (database) => {
      await load(database, false);
      const byAddress = rows.filter(({ exposed, address: one }) => exposed && one !== address);
      assert.equal(await count(database.url), byAddress.length);
    });
  });

  test(`a role that may not read public_key has the addresses counted (PostgreSQL ${major})`, async () => {
    await withDatabase({ major }, async (database) => {
      await load(database, true);
      const role = `few_${database.name}`;
      const columns = "id, project_id, credential_type, network, wallet_address, key_vault_id, metadata";
      await database.query(`create role ${role} login bypassrls password 'few'`);
      try {
        await database.query(
          `grant select (${columns}, vault_stored, vault_backup_date) on project_credentials to ${role}`,
        );
        await database.query(`grant select on credential_vault_storage to ${role}`);
        const { schemaFacts } = await takeSurvey(database.url, wallets);
        const url = new URL(database.url);
        url.username = role;
        url.password = "few";
        const byAddress = rows.filter(({ exposed, address: one }) => exposed && one !== address);
        assert.equal(await countExposedAddresses(url.href, wallets, schemaFacts, limits), byAddress.length);
      } finally {
        await database.query(`drop owned by ${role}`);
        await database.query(`drop role ${role}`);
      }
    });
  });
}

test("a preview says nothing where no address gives a key away, and how many do where some are", () => {
  assert.equal(exposedAddressesAdvice(0), undefined);
  assert.match(exposedAddressesAdvice(1) ?? "", /^1 wallet has its key/);
  assert.match(exposedAddressesAdvice(12_345) ?? "", /^12,345 wallets have their key/);
});
