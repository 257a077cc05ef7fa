import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Database, server } from "../support/database";
import { allKeys, leaks } from "./encodings";
import { type Deployment, printed, stackName, withDeployment } from "./stack";

const load = ["wallet-system", "later-additions", ["mixed", 200]] as const;

/** Keys that only a careful hand quotes well. */
const awkward = [
  `quote's "double" back\\slash`,
  "two\nlines\tand a tab",
  "schlüssel-ключ-🔑-key",
  "$wallet$ do $$ key; --",
];

/** Refuses a third of the keys: PostgreSQL puts a refused row, key and all, into the error's DETAIL. */
const refusing = `alter table credential_vault_storage
  add constraint no_such_key check (encrypted_private_key !~ '[0-4]$' and encrypted_private_key !~ '^quote') not valid`;

test("no key is written down anywhere, whatever a deployment does or fails at", () =>
  withDeployment({ load, sql: refusing }, {}, async (deployment) => {
    const { database, project } = deployment;
    for (const key of awkward) await addWallet(database, key);
    const keys = await allKeys(database);
    assert.ok(keys.length > 150);
    const password = new URL(database.url).password;
    assert.ok(password.length > 8);

    const places = await everythingADeploymentWrites(deployment);
    assert.match(places["verbose up"] ?? "", /the database refused \d+ wallets/);
    assert.ok((places["verbose up"] ?? "").length > 200_000, "the verbose run was not verbose");
    const log = await (await server()).log();
    assert.deepEqual(leaks(keys, { ...places, "the server's log": log, ...backendFiles(project) }), []);

    // The password is secret configuration: encrypted in the configuration file and in the state, and nowhere else.
    const { "stack export --show-secrets": _asked, ...others } = places;
    assert.deepEqual(leaks([password], { ...others, "the server's log": log, ...backendFiles(project) }), []);
    assert.deepEqual(await misses(database, keys), []);
  }));

/** Quotes every row that is inserted into the vault, in an error of this SQLSTATE. */
const quotingTrigger = (sqlstate: string): string => `
  create function quote_row() returns trigger language plpgsql as
    $$ begin raise exception 'no: %', new.encrypted_private_key using errcode = '${sqlstate}', detail = new::text; end $$;
  create trigger quote_row before insert on credential_vault_storage for each row execute function quote_row()`;

/** Runs every command in its most talkative form, also where it fails, and returns all that it wrote. */
async function everythingADeploymentWrites({ database, project, run }: Deployment): Promise<Record<string, string>> {
  const places: Record<string, string> = {};
  const events = join(project.folder, "events.json");
  const keep = async (place: string, command: string, ...args: string[]) => {
    places[place] = printed(await run(command, ...args));
  };
  await keep("preview --diff", "preview", "--diff");
  const verbose = ["--logtostderr", "-v=9", "--logflow", "--event-log", events];
  const args = ["up", "--yes", "--skip-preview", "--diff", "--stack", stackName, ...verbose];
  const env = { ...project.env, PULUMI_DEBUG_COMMANDS: "true" };
  places["verbose up"] = printed(await project.start(args, { env }).ended);
  places["the event log"] = readFileSync(events, "utf8");
  await keep("refresh", "refresh", "--diff");
  await keep("stack output", "stack", "output", "--json");
  await keep("stack export --show-secrets", "stack", "export", "--show-secrets");
  // Whatever a trigger of the users says of a row, and an update that fails.
  await database.query(`
    alter table credential_vault_storage drop constraint no_such_key;
    ${quotingTrigger("P0001")}`);
  await run("config", "set", "strict", "true");
  await keep("failing up", "up", "--json");
  assert.match(places["failing up"] ?? "", /ERR_ATTENTION/);
  await database.query("drop trigger quote_row on credential_vault_storage");
  await keep("destroy", "destroy");
  return places;
}

function backendFiles(project: Deployment["project"]): Record<string, string> {
  const backend = (project.env["PULUMI_BACKEND_URL"] as string).replace("file://", "");
  const files = [backend, project.folder].flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  assert.ok(files.some((file) => file.endsWith(`${stackName}.json`)));
  return Object.fromEntries(files.map((file) => [file, readFileSync(file, "utf8")]));
}

async function addWallet(database: Database, key: string): Promise<void> {
  await database.query(
    `insert into project_credentials (project_id, credential_type, metadata)
     values (gen_random_uuid(), 'ethereum_wallet', jsonb_build_object('private_key_encrypted', $1::text))`,
    [key],
  );
}

/** The search itself is tried: keys that it does not find where they are, in the database's own dump of a table. */
async function misses(database: Database, keys: readonly string[]): Promise<string[]> {
  const [row] = await database.query<{ dump: string }>(
    "select string_agg(v.encrypted_private_key, ' ') || string_agg(c.metadata::text, ' ') as dump from project_credentials c left join credential_vault_storage v on v.credential_id = c.id",
  );
  return keys.filter((key) => leaks([key], { dump: row?.dump ?? "" }).length === 0);
}
