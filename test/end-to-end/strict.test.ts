import assert from "node:assert/strict";
import { test } from "node:test";
import { assertNoStack, printed, withDeployment } from "./stack";
import { wrongVaultRows } from "./witness";

const load = ["wallet-system", "later-additions", ["mixed", 100]] as const;

test("strict fails an update after its work is done, and every later one, until it is dealt with or given up", () =>
  withDeployment({ load }, { strict: true }, async ({ database, run, must }) => {
    for (const attempt of ["first", "second"]) {
      const failed = await run("up");
      assert.notEqual(failed.code, 0, attempt);
      assert.match(printed(failed), /status is attention: 5 conflict.*ERR_ATTENTION/s, attempt);
      assertNoStack(printed(failed));
      assert.equal(await wrongVaultRows(database), 0, attempt);
    }
    await must("config", "set", "strict", "false");
    await must("up");
    await must("preview", "--expect-no-changes");
  }));
