import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { Client } from "pg";
import { percentile } from "./figures";

// The process of bench/applications.ts: three sessions change wallets, one stores keys of new wallets itself.

/** How long the writes of applications took, in milliseconds. */
export interface Waits {
  readonly writes: number;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  /** What waited longest, and how many seconds after the first write. */
  readonly worst: string;
}

const updaters = 3;
/** Between two writes of a session: they are to notice waiting, and not to be the load. */
const pauseMs = 4;

const waits: number[] = [];
let longest = 0;
let worst = "";
let started = 0;

async function timed<T>(what: string, statement: Promise<T>): Promise<T> {
  const begun = performance.now();
  const result = await statement;
  const took = performance.now() - begun;
  waits.push(took);
  if (took > longest) {
    longest = took;
    worst = `${what} after ${((begun - started) / 1000).toFixed(1)} s`;
  }
  return result;
}

const update =
  (ids: readonly string[]) =>
  (client: Client): Promise<unknown> => {
    const id = ids[Math.floor(Math.random() * ids.length)];
    return timed("update", client.query("update project_credentials set status = 'active' where id = $1", [id]));
  };

/** As an application does that knows the vault: a wallet, its key, its flag. */
async function store(client: Client): Promise<void> {
  const key = `0x${randomBytes(32).toString("hex")}`;
  const wallet = `insert into project_credentials (project_id, credential_type, key_vault_id)
    values (gen_random_uuid(), 'ethereum_wallet', 'new-' || gen_random_uuid()) returning id`;
  const { id } = (await timed("new wallet", client.query<{ id: string }>(wallet))).rows[0] ?? { id: null };
  const row = `insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
    values ($1::text::uuid, 'application-' || $1, $2)`;
  await timed("new vault row", client.query(row, [id, key]));
  const flag = "update project_credentials set vault_stored = true, vault_backup_date = now() where id = $1";
  await timed("flag", client.query(flag, [id]));
}

async function write(): Promise<void> {
  const [url] = (await once(process, "message")) as [string];
  const clients = Array.from(
    { length: updaters + 1 },
    () => new Client({ connectionString: url, application_name: "bench" }),
  );
  await Promise.all(clients.map((client) => client.connect()));
  const sample = "select id from project_credentials order by random() limit 20000";
  const ids = (await clients[0]?.query<{ id: string }>(sample))?.rows.map((row) => row.id) ?? [];
  const asked = new AbortController();
  // Also where the benchmark is gone: nobody writes to nobody's database.
  for (const event of ["message", "disconnect"]) process.once(event, () => asked.abort());
  started = performance.now();
  process.send?.("writing");
  await Promise.all(
    clients.map(async (client, n) => {
      const one = n < updaters ? update(ids) : store;
      while (!asked.signal.aborted) {
        await one(client);
        await setTimeout(pauseMs);
      }
      await client.end();
    }),
  );
  const result: Waits = {
    writes: waits.length,
    p50: percentile(waits, 0.5),
    p99: percentile(waits, 0.99),
    longest,
    worst,
  };
  process.send?.(result, () => process.disconnect());
}

void write();
