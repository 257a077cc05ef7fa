import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { sources } from "../../revision";
import { projectFolder } from "../../launcher/project-folder";
import { type Content, type Database, withDatabase } from "../support/database";
import { PulumiSandbox } from "../../testing/pulumi-sandbox";
import { deployment, type Deployment, stackName } from "./stack";
import { catalog, expectedStates, rows, wrongVaultRows } from "./database-state";

/** Puts an example somewhere beside or in the copy of the project, and returns its folder. */
type Place = (project: PulumiSandbox, example: string) => string;

/** As it is in this repository. */
const inPlace: Place = (project, example) => copyOf(example, join(project.folder, "examples", example));

/** In a project of its own that has installed this package, which npm does without the lock file. */
const installed: Place = (project, example) => {
  const own = copyOf(example, join(dirname(project.folder), "own"));
  link(own, join(projectFolder, "node_modules"));
  for (const part of sources.filter((name) => name !== "package-lock.json"))
    cpSync(join(projectFolder, part), join(own, "node_modules", "wallet-vault", part), { recursive: true });
  return own;
};

test("unique-constraint-and-view, in this repository: made, left alone, and of it only the view destroyed", () =>
  withExample("unique-constraint-and-view", inPlace, { load: [] }, async ({ database, must }) => {
    await database.query(readFileSync(join(projectFolder, "examples/unique-constraint-and-view/tables.sql"), "utf8"));
    const again =
      "insert into customers (email, country) values ('ada@example.org', 'NO') on conflict (email) do nothing";
    await assert.rejects(database.query(again), { code: "42P10" });
    const before = await objects(database);
    await must("preview");
    assert.deepEqual(await objects(database), before);

    await must("up");
    await database.query(again);
    const perCountry = "select country, customers::int from customers_per_country order by country";
    assert.deepEqual(await database.query(perCountry), [
      { country: "GB", customers: 1 },
      { country: "SE", customers: 2 },
    ]);
    await must("up", "--expect-no-changes");

    await must("destroy");
    await assert.rejects(database.query(perCountry), { code: "42P01" });
    await database.query(again);
    assert.deepEqual(await database.query("select count(*)::int as n from customers"), [{ n: 3 }]);
  }));

for (const [where, place] of Object.entries({
  "in this repository": inPlace,
  "in a project that installed it": installed,
})) {
  test(`wallet-vault-in-a-program, ${where}: every key moved once, and nothing but the views destroyed`, () =>
    withExample("wallet-vault-in-a-program", place, { load: ["wallet-system", ["mixed", 200]] }, async (example) => {
      const { database, must, project } = example;
      const before = { rows: await rows(database), catalog: await catalog(database) };
      await must("preview");
      assert.deepEqual({ rows: await rows(database), catalog: await catalog(database) }, before);

      await must("up");
      assert.equal(await wrongVaultRows(database), 0);
      const { status, summary, attention, projects } = await project.outputs(stackName);
      assert.equal(status, "attention");
      assert.deepEqual((summary as { states: unknown }).states, await expectedStates(database, "after"));
      assert.equal((attention as unknown[]).length, 20);
      assert.equal(projects, "public.wallets_per_project");
      assert.deepEqual(await database.query("select sum(wallets)::int as n from wallets_per_project"), [{ n: 200 }]);
      const moved = await rows(database);
      await must("up", "--expect-no-changes");

      await must("destroy");
      assert.equal(await rows(database), moved);
      assert.deepEqual(await database.query("select viewname from pg_views where schemaname = 'public'"), []);
    }));
}

/** What is in the schema, and the rows of customers with who wrote them. */
const objects = (database: Database): Promise<unknown> =>
  database.query(`
    select (select jsonb_agg(relname order by relname) from pg_class where relnamespace = 'public'::regnamespace) as relations,
           (select jsonb_agg(conname order by conname) from pg_constraint where conrelid = 'customers'::regclass) as constraints,
           (select jsonb_agg(concat(c.ctid, c.xmin, c::text) order by id) from customers c) as rows`);

/** Lends an example with a stack and a database of its own. */
function withExample(
  example: string,
  place: Place,
  content: Content,
  use: (deployment: Deployment) => Promise<void>,
): Promise<void> {
  return withDatabase(content, async (database) => {
    const project = await PulumiSandbox.create();
    try {
      const own = project.in(place(project, example));
      await own.stack(stackName, { databaseUrl: database.url });
      await use(deployment(database, own));
    } finally {
      project.remove();
    }
  });
}

function copyOf(example: string, folder: string): string {
  cpSync(join(projectFolder, "examples", example), folder, { recursive: true });
  return folder;
}

/** A node_modules folder with everything in it that another one has. */
function link(folder: string, from: string): void {
  mkdirSync(join(folder, "node_modules"));
  for (const name of readdirSync(from)) symlinkSync(join(from, name), join(folder, "node_modules", name));
}
