import assert from "node:assert/strict";
import { test } from "node:test";
import { attentionOf } from "../../components/key-transfer/attention";
import { refusalReason, statusOf } from "../../components/key-transfer/summary";
import { type Content, type Database, server, testedMajors, withDatabase } from "../support/database";
import { keysIn } from "../support/leaks";
import { transfer, withConstraint } from "../../testing/transfer";

/** Twelve wallets wait; `kv-1` is the one that the database will not have. Its flag claims that it is stored. */
const wallets = 12;
const first = "(select id from project_credentials where key_vault_id = 'kv-1')";
const prepared = `${withConstraint}; update project_credentials set vault_stored = true where key_vault_id = 'kv-1';`;

/** A trigger on the vault (or, with `table`, elsewhere) that runs `body` for kv-1 only. */
const trigger = (body: string, timing = "before insert", table = "credential_vault_storage"): string => `
  create function obstacle() returns trigger language plpgsql as $$
  begin
    if ${table === "credential_vault_storage" ? "new.credential_id" : "new.id"} = ${first} then ${body} end if;
    return new;
  end $$;
  create ${timing.includes("deferred") ? "constraint " : ""}trigger obstacle ${timing.replace("deferred", "")} on ${table}
    ${timing.includes("deferred") ? "deferrable initially deferred" : ""} for each row execute function obstacle();`;

interface Obstacle {
  readonly what: string;
  readonly sql: string;
  /** What may be told of it: SQLSTATE and constraint, or words. */
  readonly told: string;
}

const longKey = "repeat(metadata ->> 'private_key_encrypted', 3)";
const setKey = (key: string) =>
  `update project_credentials set metadata = jsonb_set(metadata, '{private_key_encrypted}', to_jsonb(${key})) where key_vault_id = 'kv-1';`;
const changedOnItsWay = "a trigger or rule changed the key or the flag on its way in, or kept it out";
const obstacles: readonly Obstacle[] = [
  {
    what: "a CHECK constraint",
    sql: `alter table credential_vault_storage add constraint short_keys check (length(encrypted_private_key) < 100); ${setKey(longKey)}`,
    told: "23514 check_violation, constraint short_keys",
  },
  {
    what: "a column that is too short",
    sql: `alter table credential_vault_storage alter encrypted_private_key type varchar(100); ${setKey(longKey)}`,
    told: "22001 string_data_right_truncation",
  },
  { what: "a NOT NULL column", sql: trigger("new.vault_id := null;"), told: "23502 not_null_violation" },
  {
    what: "a foreign key",
    sql: `create table known_id (id varchar primary key); insert into known_id select 'vault-kv-' || i from generate_series(2, ${wallets}) i;
      alter table credential_vault_storage add constraint only_known foreign key (vault_id) references known_id (id);`,
    told: "23503 foreign_key_violation, constraint only_known",
  },
  {
    what: "a trigger that raises, with the key in every field of its error",
    sql: trigger(`raise exception 'no %', new.encrypted_private_key using detail = new.encrypted_private_key,
      hint = new.encrypted_private_key, constraint = new.encrypted_private_key, table = new.encrypted_private_key,
      column = new.encrypted_private_key, schema = new.encrypted_private_key;`),
    told: "P0001 raise_exception",
  },
  {
    what: "a trigger that makes an SQLSTATE of the key",
    sql: `${setKey("'K3Y42'::text")} ${trigger("raise exception using errcode = new.encrypted_private_key;")}`,
    told: "P0001 raise_exception",
  },
  {
    what: "a trigger that changes the key on its way in",
    sql: trigger("new.encrypted_private_key := reverse(new.encrypted_private_key);"),
    told: changedOnItsWay,
  },
  {
    what: "a trigger that changes the key after it was compared",
    sql: trigger(
      "update credential_vault_storage set encrypted_private_key = reverse(encrypted_private_key) where id = new.id;",
      "after insert",
    ),
    told: changedOnItsWay,
  },
  {
    what: "a deferred trigger that empties the vault row",
    sql: trigger(
      "update credential_vault_storage set encrypted_private_key = '' where id = new.id;",
      "after insert deferred",
    ),
    told: changedOnItsWay,
  },
  {
    what: "a trigger that swallows the flag",
    sql: trigger("if new.vault_stored then return null; end if;", "before update", "project_credentials"),
    told: changedOnItsWay,
  },
  {
    what: "a trigger whose ASSERT fails, with the key in its text",
    sql: trigger("assert false, 'no ' || new.encrypted_private_key;"),
    told: "P0004 assert_failure",
  },
  {
    what: "a trigger that fails as other languages' triggers do",
    sql: trigger("raise exception 'no %', new.encrypted_private_key using errcode = 'XX000';"),
    told: "XX000 internal_error",
  },
  { what: "a trigger that divides by zero", sql: trigger("perform 1 / 0;"), told: "22012 division_by_zero" },
  {
    what: "a deferred constraint trigger",
    sql: trigger("raise exception 'no %', new.encrypted_private_key;", "after insert deferred"),
    told: "P0001 raise_exception",
  },
  {
    what: "a trigger on the wallet that refuses the flag",
    sql: trigger(
      "if new.vault_stored then raise exception 'no %', new.metadata; end if;",
      "before update",
      "project_credentials",
    ),
    told: "P0001 raise_exception",
  },
  {
    what: "a CHECK constraint on the wallet that refuses the flag",
    sql: `alter table project_credentials add constraint never_first check (not vault_stored or key_vault_id <> 'kv-1') not valid;`,
    told: "23514 check_violation, constraint never_first",
  },
];

const keysOf = async ({ query }: Database): Promise<string[]> => {
  const rows = await query<{ key: string }>(
    "select metadata ->> 'private_key_encrypted' as key from project_credentials",
  );
  return rows.map(({ key }) => key);
};

/** Everything that others could get to see of a transfer. */
async function transferSeen(database: Database, major: Content["major"]) {
  const lines: string[] = [];
  const result = await transfer(database.url, { report: (line) => lines.push(line) });
  const attention = attentionOf(result.found, result.refusals);
  const seen = [...lines, JSON.stringify(result), JSON.stringify(attention), await (await server(major)).log()];
  return { ...result, lines, attention, leaked: keysIn(seen.join("\n"), await keysOf(database)) };
}

const load: Content["load"] = ["wallet-system", ["waiting", wallets]];

for (const major of testedMajors) {
  // The older server gets every third: what differs between them is where an error names its constraint.
  for (const { what, sql, told } of obstacles.filter((_, n) => major === 18 || n % 3 === 0)) {
    test(`${what} keeps one wallet out, which is told without its key, and no other (PostgreSQL ${major})`, async () => {
      await withDatabase({ major, load, sql: prepared + sql }, async (database) => {
        const { found, lastRun, refusals, lines, attention, leaked } = await transferSeen(database, major);
        assert.deepEqual(
          await database.query(`
            select c.key_vault_id as wallet, c.vault_stored as flag, v.encrypted_private_key is not null as in_vault
              from project_credentials c left join credential_vault_storage v on v.credential_id = c.id
             where v.encrypted_private_key is distinct from c.metadata ->> 'private_key_encrypted'
                or c.vault_stored is not true`),
          [{ wallet: "kv-1", flag: false, in_vault: false }],
        );
        const [wallet] = await database.query<{ id: string }>(`select ${first}::text as id`);
        assert.deepEqual([found.counts.states.pending, found.counts.states.stored], [1, wallets - 1]);
        assert.deepEqual([lastRun.refused, refusals.length, lastRun.flagsCleared], [1, 1, 1]);
        assert.equal(statusOf(found.counts), "incomplete");
        assert.equal(lines.at(-1), `the database refused 1 wallets: ${told}`);
        assert.deepEqual(attention, [
          {
            credentialId: wallet?.id,
            state: "pending",
            advice: `The database refused the vault row: ${told}. Put that right and run again.`,
          },
        ]);
        assert.equal(leaked, 0);
      });
    });
  }
}

test("a wallet whose vault row a trigger swallows stays pending, and its flag is taken back", async () => {
  await withDatabase({ load, sql: prepared + trigger("return null;") }, async (database) => {
    const { found, lastRun } = await transferSeen(database, 18);
    assert.deepEqual([found.counts.states.pending, found.counts.flagsWrong, lastRun.transferred], [1, 0, wallets - 1]);
    assert.deepEqual(await database.query("select key_vault_id as w from project_credentials where not vault_stored"), [
      { w: "kv-1" },
    ]);
  });
});

test("no flag claims a key that triggers took out of the vault again, however often it is tried", async () => {
  const blank = `create function blank() returns trigger language plpgsql as $$ begin
      if pg_trigger_depth() = 1 then update credential_vault_storage set encrypted_private_key = '' where id = new.id; end if;
      return null; end $$;
    create trigger blank after insert or update on credential_vault_storage for each row execute function blank();`;
  await withDatabase({ load, sql: withConstraint + ";" + blank }, async (database) => {
    const { found, lastRun } = await transferSeen(database, 18);
    assert.deepEqual(
      [found.counts.states.pending, found.counts.flagsWrong, lastRun.transferred, lastRun.refused],
      [wallets, 0, 0, wallets],
    );
    assert.deepEqual(await database.query("select from project_credentials where vault_stored"), []);
  });
});

for (const [what, sqlstate, name] of [
  ["a full disk", "53100", "disk_full"],
  ["a limit of temporary files", "53400", "configuration_limit_exceeded"],
  ["a cancelled statement", "57014", "query_canceled"],
  ["a serialization failure", "40001", "serialization_failure"],
  ["a lost connection", "08006", "connection_failure"],
  ["a broken disk", "58030", "io_error"],
] as const)
  test(`${what} that one wallet's trigger raises is that wallet's refusal in the end, and all others are moved`, async () => {
    const raise = `raise exception 'no %', new.encrypted_private_key using errcode = '${sqlstate}';`;
    await withDatabase({ load, sql: prepared + trigger(raise) }, async (database) => {
      const { found, lastRun, refusals, leaked } = await transferSeen(database, 18);
      assert.deepEqual([found.counts.states.pending, lastRun.transferred, lastRun.refused], [1, wallets - 1, 1]);
      assert.deepEqual(refusals.map(refusalReason), [`${sqlstate} ${name}`]);
      assert.equal(leaked, 0);
    });
  });

for (const major of testedMajors)
  test(`a trigger that ends its own session costs its wallet alone, soon and in every run (PostgreSQL ${major})`, async () => {
    const end = "perform pg_terminate_backend(pg_backend_pid());";
    await withDatabase(
      { major, load: ["wallet-system", ["waiting", 300]], sql: prepared + trigger(end) },
      async (database) => {
        for (const moved of [299, 0]) {
          const { found, lastRun, refusals, leaked } = await transferSeen(database, major);
          assert.deepEqual([found.counts.states.pending, lastRun.transferred, lastRun.refused], [1, moved, 1]);
          // Its flag claimed a key that is not there.
          assert.deepEqual([found.counts.flagsWrong, statusOf(found.counts)], [0, "incomplete"]);
          const [wallet] = await database.query<{ id: string }>(`select ${first}::text as id`);
          assert.deepEqual(
            refusals.map(({ id, sqlstate }) => [id, sqlstate]),
            [[wallet?.id, "57P01"]],
          );
          assert.equal(leaked, 0);
        }
      },
    );
  });

test("a wallet whose every write ends the session keeps its wrong flag, which is told, and keeps no other wallet out", async () => {
  const end = "perform pg_terminate_backend(pg_backend_pid());";
  const sql = prepared + trigger(end, "before update", "project_credentials");
  await withDatabase({ load, sql }, async (database) => {
    const { found, lastRun, attention, leaked } = await transferSeen(database, 18);
    assert.deepEqual([found.counts.states.pending, lastRun.transferred, lastRun.refused], [1, wallets - 1, 1]);
    assert.deepEqual([found.counts.flagsWrong, statusOf(found.counts)], [1, "incomplete"]);
    assert.deepEqual(
      attention.map(({ state }) => state),
      ["pending"],
    );
    assert.equal(leaked, 0);
  });
});

for (const column of ["seed text", "seed bigint default 7", "flag_apart boolean default true"])
  test(`a column (${column}) that has the name of a variable of ours keeps no wallet beside a refused one out`, async () => {
    const named = ["project_credentials", "credential_vault_storage"].map(
      (table) => `alter table ${table} add ${column};`,
    );
    await withDatabase({ load, sql: prepared + named.join("") + trigger("raise 'no';") }, async (database) => {
      const { found, lastRun, refusals, leaked } = await transferSeen(database, 18);
      assert.deepEqual([found.counts.states.pending, lastRun.transferred, lastRun.refused], [1, wallets - 1, 1]);
      assert.deepEqual(refusals.map(refusalReason), ["P0001 raise_exception"]);
      assert.equal(leaked, 0);
    });
  });

test("a placeholder row is filled where a trigger lets no further row in, and keeps its vault_id", async () => {
  const guard = `insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
      select id, 'kept-' || key_vault_id, '' from project_credentials;
    create function guard() returns trigger language plpgsql as $$ begin raise exception 'one row is there'; end $$;
    create trigger guard before insert on credential_vault_storage for each row execute function guard();`;
  await withDatabase({ load, sql: withConstraint + ";" + guard }, async (database) => {
    const { lastRun } = await transferSeen(database, 18);
    assert.deepEqual([lastRun.transferred, lastRun.repaired, lastRun.refused], [wallets, wallets, 0]);
    const rows =
      await database.query(`select from credential_vault_storage v join project_credentials c on c.id = v.credential_id
      where v.vault_id = 'kept-' || c.key_vault_id and v.encrypted_private_key = c.metadata ->> 'private_key_encrypted'`);
    assert.equal(rows.length, wallets);
  });
});

test("of many refused wallets all are counted and 20 are told", async () => {
  const sql = `${withConstraint}; alter table credential_vault_storage add constraint none check (vault_id = '');`;
  await withDatabase({ load: ["wallet-system", ["waiting", 70]], sql }, async (database) => {
    const { lastRun, attention, refusals, leaked } = await transferSeen(database, 18);
    assert.deepEqual([lastRun.refused, refusals.length, attention.length, leaked], [70, 20, 20, 0]);
  });
});

test("the search for leaks finds the key that a plain refused INSERT leaves in the server's log", async () => {
  const sql = "alter table credential_vault_storage add constraint short check (vault_id = '');";
  await withDatabase({ load, sql }, async (database) => {
    const plain = `insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
      select id, key_vault_id, 'control-' || (metadata ->> 'private_key_encrypted') from project_credentials where key_vault_id = 'kv-1'`;
    await assert.rejects(database.query(plain));
    const controls = (await keysOf(database)).map((key) => `control-${key}`);
    const log = await (await server()).log();
    assert.equal(keysIn(log, controls), 1);
  });
});
