import { formatNumber, plural } from "../components/format";
import type { Summary } from "../components/key-transfer/summary";
import type { Survey } from "../components/key-transfer/survey";
import { endKept, endRemoved } from "./closing";
import { WalletSystem } from "./database";
import { planLine, resourceLine, runLines } from "./describe-step";
import { Expectations } from "./expectations";
import { findPulumi } from "./find-pulumi";
import type { Screen, Working } from "./screen";
import { type Listener, type Run, Stack } from "./stack";
import { showAttention, showStates } from "./summary";

export interface DemoOptions {
  readonly wallets: number;
  /** Leaves the server and the stack as they are. */
  readonly keep: boolean;
}

/** One database, one stack: the failure, preview, up, up again, and how everything stands. Returns whether all went as it should. */
export async function singleDatabase(screen: Screen, { wallets, keep }: DemoOptions): Promise<boolean> {
  const expectations = new Expectations(screen);

  screen.step("What it takes");
  const cli = await findPulumi(screen);
  const system = await screen.working("starting PostgreSQL", () => WalletSystem.start());
  screen.good(`PostgreSQL ${system.server.major} on port ${system.server.port} of this machine`);

  screen.step("A wallet system");
  await screen.working(`loading ${plural(wallets, "wallet")}`, () => system.load(wallets));
  const before = await system.states();
  expectations.expect(
    (await system.unexpected("before")) === 0,
    `${plural(wallets, "wallet")}, in each of the six states`,
  );
  screen.line(
    `  ${formatNumber(before.pending)} keys wait in metadata, ${formatNumber(before.stored)} are in the vault`,
  );

  screen.step("The migration that failed");
  screen.line(screen.paint("dim", "insert into credential_vault_storage … on conflict (credential_id) do nothing"));
  const failure = await system.tryFailedMigration();
  if (failure !== undefined) screen.paragraph(`ERROR ${failure.sqlstate}: ${failure.message}`, "red");
  expectations.expect(failure?.sqlstate === "42P10", "42P10, as in the field: nothing is unique on credential_id");

  screen.step("pulumi preview");
  const stack = await screen.working("making a stack", () => Stack.create(cli, system.url));
  const untouched = await system.fingerprint();
  const preview = await screen.working("looking at the database", (working) =>
    stack.preview(listener(screen, working, "planned")),
  );
  screen.line(`  ${planLine(preview.outputs["plan"] as Survey)}`);
  expectations.expect((await system.fingerprint()) === untouched, "nothing was written");

  screen.step("pulumi up");
  const first = await screen.working("constraint, views, keys", (working) =>
    stack.up(listener(screen, working, "done")),
  );
  for (const line of runLines(first.outputs["summary"] as Summary)) screen.line(`  ${line}`);
  const { status } = first.outputs;
  expectations.expect(
    status === "attention",
    `status ${String(status)}: what can be moved is; the rest needs a person`,
  );
  expectations.expect((await system.unexpected("after")) === 0, "every wallet is in the state it should be in");
  expectations.expect((await system.wrongKeys()) === 0, "every key in the vault is the right one, byte for byte");

  screen.step("pulumi up, once more");
  const second = await screen.working("looking for changes", () => stack.up());
  expectations.expect(unchanged(second), "no changes");

  screen.title("How the wallets stand");
  const after = await system.states();
  showStates(screen, before, after);
  await showAttention(screen, after, system);
  await system.disconnect();

  screen.title(keep ? "The database is still there" : "The database");
  if (keep) endKept(screen, system.server, stack);
  else await endRemoved(screen, system.server, stack);
  screen.line();
  return expectations.verdict();
}

function listener(screen: Screen, working: Working, when: "planned" | "done"): Listener {
  return {
    resource: (change) => {
      const line = resourceLine(screen, change, when);
      if (line !== undefined) working.keep(line);
    },
    told: (line) => working.say(line),
  };
}

const unchanged = ({ changes }: Run): boolean =>
  (changes["same"] ?? 0) > 0 && Object.keys(changes).every((operation) => operation === "same");
