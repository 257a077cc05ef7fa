import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import type { Major } from "../../testing/postgres-server";
import { type Kill, kills } from "./kills";
import { Matrix } from "./matrix";
import { Provider } from "./provider";
import { randomFrom } from "./random";
import { killAtRandom, killAtSteps } from "./rounds";
import { CrashServer } from "./crash-database";

/** A share of `npm run test:crash` that fits into every test run: small databases, one kind of kill per step. */
const wallets = 1_000;
const randomKills = 10;
const majors: readonly Major[] = [14, 18];
const seed = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);

after(() => Provider.retire());

describe(
  `no kill loses, changes or invents anything, and one more run ends well (CRASH_SEED=${seed})`,
  { concurrency: 2 },
  () => {
    for (const [offset, major] of majors.entries())
      test(`PostgreSQL ${major}`, async (t) => {
        const host = await CrashServer.start(major, wallets);
        try {
          const matrix = new Matrix([major]);
          const round = { host, major, matrix, say: (line: string) => t.diagnostic(line) };
          // The kinds take turns; the two majors begin with different ones.
          await killAtSteps(round, (_step, n) => [kills[(n + offset) % kills.length] as Kill]);
          await killAtRandom(round, randomKills, randomFrom(seed + major));
          assert.deepEqual(matrix.faults, []);
          assert.ok(matrix.total.runs >= randomKills);
        } finally {
          await host.server.remove();
        }
      });
  },
);
