import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { formatNumber } from "../../components/format";
import { type IdentitySql, identitySql, identityTable } from "../../components/key-identity/identity-sql";
import { identityTableArgs } from "../../components/key-identity/identity-table";
import { prepareProofs, proveBatch } from "../../components/key-identity/sql/prove-batch";
import { requirePreconditions } from "../../components/key-transfer/preconditions";
import { countWallets } from "../../components/key-transfer/sql/state-counts";
import { type WalletStateSql, walletStateSql } from "../../components/key-transfer/wallet-state";
import { type Client, withClient } from "../../components/postgres/connection";
import { applyTable } from "../../components/table/apply";
import { defaults } from "../../components/table/args";
import { wallets as tables } from "../../fixtures/wallets";
import { withConstraint } from "../../testing/transfer";
import type { Bench, Findings } from "../case";
import { median } from "../figures";
import { Stage } from "../stage";

/** Keys that are derived to tell the rate, in batches of this many. */
const keysTried = 3_000;
const keysPerBatch = 300;

/** All keys are in the vault, and nothing else was done to the wallets. */
const stored = `${withConstraint};
  insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
    select id, id::text, metadata ->> 'private_key_encrypted' from project_credentials;
  alter table project_credentials drop column vault_stored;
  alter table project_credentials add column vault_stored boolean default true`;

/** What a proof of an EVM key costs beside @noble/curves on one core, and a look at proofs that are all valid beside a survey. */
export async function identity({ options: { wallets, major, runs }, say }: Bench): Promise<Findings> {
  const stage = await Stage.start(major, say);
  try {
    const database = await stage.database(wallets);
    const url = stage.server.url(database);
    await stage.query(database, stored);
    const schemaFacts = await withClient(url, { purpose: "bench" }, (client) => requirePreconditions(client, tables));
    await applyTable(url, { ...identityTableArgs(tables, schemaFacts), ...defaults }, say);
    const plain = walletStateSql(tables, schemaFacts);
    const proofs = identitySql(plain, identityTable(tables));

    const rates: number[] = [];
    const nobleRates: number[] = [];
    for (let n = 0; n < runs; n += 1) {
      rates.push(await withClient(url, { purpose: "bench" }, (client) => keysPerSecond(client, proofs)));
      nobleRates.push(nobleKeysPerSecond());
      say(`${round(rates[n])} keys a second, noble ${round(nobleRates[n])}`);
    }
    await stage.query(
      database,
      `set search_path = pg_catalog; truncate ${identityTable(tables)}; insert into ${identityTable(tables)}
         select c.id, ${proofs.digest}, 'proven', null, now() from ${plain.from()} where w.state = 'stored'`,
    );
    for (const table of ["project_credentials", "credential_vault_storage", "wallet_key_identity"])
      await stage.query(database, `vacuum (analyze) ${table}`);
    await stage.query(database, "checkpoint");
    const surveys: number[] = [];
    const looks: number[] = [];
    for (let n = 0; n < 2 * runs + 1; n += 1) {
      surveys.push(await countingMs(url, plain));
      looks.push(await countingMs(url, proofs));
      say(`counting ${round(surveys[n])} ms, with proofs ${round(looks[n])} ms`);
    }
    return {
      figures: [
        {
          name: "proving EVM keys in one session: time ÷ that of @noble/curves on one core",
          value: median(nobleRates) / median(rates),
          unit: "ratio",
          must: 3,
          goal: 1.5,
          behind: `${round(median(rates))} and ${round(median(nobleRates))} keys a second`,
        },
        {
          name: `looking at ${formatNumber(wallets)} proofs ÷ counting the wallets`,
          value: median(looks) / median(surveys),
          unit: "ratio",
          must: 1.5,
          behind: `${round(median(looks))} ms ÷ ${round(median(surveys))} ms`,
        },
      ],
    };
  } finally {
    await stage.server.remove();
  }
}

/** As a run does it, without what a session does once. */
async function keysPerSecond(client: Client, proofs: IdentitySql): Promise<number> {
  await prepareProofs(client);
  const plan = { range: { from: 0, to: 1_000_000 }, lane: 0, lanes: 1, waitForLocks: false };
  await client.query(`truncate ${identityTable(tables)}`);
  await proveBatch(client, tables, proofs, { ...plan, most: 1 });
  const started = performance.now();
  let tried = 0;
  // A range of its own for each batch: what is proven is not looked at again.
  for (let from = 0; tried < keysTried; from += blocksPerBatch) {
    const { proofs: made } = await proveBatch(client, tables, proofs, {
      ...plan,
      range: { from, to: from + blocksPerBatch },
      most: keysPerBatch,
    });
    if (made === 0) break;
    tried += made;
  }
  return (tried * 1_000) / (performance.now() - started);
}

/** Blocks with about as many wallets of the fixture as a batch has keys. */
const blocksPerBatch = Math.round(keysPerBatch / 17);

function nobleKeysPerSecond(): number {
  const keys = Array.from({ length: keysTried }, () => secp256k1.utils.randomSecretKey());
  const started = performance.now();
  for (const key of keys) keccak_256(secp256k1.getPublicKey(key, false).subarray(1));
  return (keysTried * 1_000) / (performance.now() - started);
}

/** Milliseconds of the query that counts all wallets, as a survey runs it. */
const countingMs = (url: string, stateSql: WalletStateSql): Promise<number> =>
  withClient(url, { purpose: "bench", readOnly: true }, async (client) => {
    await client.query("set max_parallel_workers_per_gather = 1");
    const started = performance.now();
    await countWallets(client, tables, stateSql);
    return performance.now() - started;
  });

const round = (value: number | undefined): string => formatNumber(Math.round(value ?? Number.NaN));
