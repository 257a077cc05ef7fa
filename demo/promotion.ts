import { isDeepStrictEqual } from "node:util";
import { acceptAll } from "./acceptance";
import { endAllKept, endAllRemoved } from "./closing-all";
import { type Environment, showAllStates, showEnvironments, startEnvironments } from "./environment";
import { Expectations } from "./expectations";
import { findPulumi } from "./find-pulumi";
import { ProgramCopy, type Promotion } from "./program-copy";
import { Reports } from "./reports";
import { resultsOf, runPromotion } from "./run-promotion";
import type { Screen } from "./screen";
import type { DemoOptions } from "./single-database";

const edited = "components/wallet-vault.ts";

/** Three databases, three stacks: what the gate refuses, and the way through. Returns whether all went as it should. */
export async function promotion(screen: Screen, { wallets, keep }: DemoOptions): Promise<boolean> {
  const expectations = new Expectations(screen);

  screen.step("What it takes");
  const cli = await findPulumi(screen);
  const environments = await screen.working("starting three PostgreSQL servers, and loading them", (working) =>
    startEnvironments(wallets, (stack) => working.say(`PostgreSQL and its wallets for ${stack}`)),
  );
  const [dev, staging, prod] = environments as [Environment, Environment, Environment];
  const ports = environments.map(({ system }) => system.server.port).join(", ");
  screen.good(`PostgreSQL ${prod.system.server.major} three times, on ports ${ports} of this machine`);
  const copy = await screen.working("making the stacks", async () => {
    const program = await ProgramCopy.create(cli);
    for (const { stack, from, system } of environments) await program.stack(stack, system.url, from);
    return program;
  });
  screen.good("a copy of this program, with the stacks dev, staging and prod");

  screen.step("Three environments");
  showEnvironments(screen, environments, await all(environments, ({ system }) => system.states()));
  const odd = await all(environments, ({ system }) => system.unexpected("before"));
  expectations.expect(
    odd.every((count) => count === 0),
    "wallets in each of the six states, in all three",
  );

  screen.step("Straight to production: pulumi preview, and pulumi up");
  const untouched = await prints([staging, prod]);
  for (const command of ["preview", "up"] as const) {
    const refusal = await screen.working(`pulumi ${command} --stack prod`, () => copy.refusal(command, "prod"));
    if (command === "preview" && refusal !== undefined) screen.paragraph(refusal, "red");
    const held = /staging \(promotedFrom\).*no receipt/.test(refusal ?? "");
    expectations.expect(held, `ERR_NOT_PROVEN, said by pulumi ${command}: staging has proven nothing yet`);
  }
  expectations.expect(isDeepStrictEqual(await prints([staging, prod]), untouched), "nothing was written to prod");

  screen.step("npm run promote -- dev staging prod");
  const stopped = await runPromotion(screen, copy, environments);
  expectations.expect(
    stopped.code === 1 && resultsOf(stopped) === "dev failed, staging skipped, prod skipped",
    "it stops at dev: nobody has looked at the wallets that need a person",
  );
  expectations.expect((await dev.system.wrongKeys()) === 0, "what can be moved in dev is, byte for byte, and stays");
  expectations.expect(isDeepStrictEqual(await prints([staging, prod]), untouched), "nothing was written elsewhere");

  screen.step("A person looks at those wallets, and accepts them");
  await acceptAll(screen, copy, environments);

  screen.step("npm run promote -- dev staging prod, again");
  const reports = new Reports();
  const through = await runPromotion(screen, copy, environments, reports.options);
  expectations.expect(
    through.code === 0 && resultsOf(through) === "dev promoted, staging promoted, prod promoted",
    "promoted all the way, each stage only after the one before it",
  );
  const revisions = new Set(through.stages.map(({ receipt }) => receipt?.revision));
  expectations.expect(
    revisions.size === 1 && !revisions.has(undefined),
    "three receipts, and one revision in all of them",
  );
  const wrong = await all(
    environments,
    async ({ system }) => (await system.unexpected("after")) + (await system.wrongKeys()),
  );
  expectations.expect(
    wrong.every((count) => count === 0),
    "every wallet of all three is as it should be, byte for byte",
  );

  screen.step("npm run promote -- dev staging prod, once more");
  const settled = await prints(environments);
  const idle = await runPromotion(screen, copy, environments);
  expectations.expect(
    idle.code === 0 && idle.stages.every(({ result }) => result === "unchanged"),
    "nothing to do, and still proven",
  );
  expectations.expect(isDeepStrictEqual(await prints(environments), settled), "nothing was written");

  screen.step("Somebody edits the program, and goes straight to production");
  screen.line(screen.paint("dim", `one more comment in ${edited}`));
  const refusal = await screen.working("pulumi preview --stack prod", () =>
    copy.edited(edited, () => copy.refusal("preview", "prod")),
  );
  if (refusal !== undefined) screen.paragraph(refusal, "red");
  expectations.expect(
    /it proves revision \w+, and this is revision \w+/.test(refusal ?? ""),
    "ERR_NOT_PROVEN: the receipt of staging is for another revision",
  );

  screen.title("How the wallets stand");
  const now = await all(environments, ({ system }) => system.states());
  showAllStates(screen, environments, now);
  expectations.expect(isDeepStrictEqual(now, statesOf(through)), "the same numbers as in the report of the promotion");

  screen.title("The report of the promotion");
  const passwords = environments.map(({ system }) => system.server.password);
  screen.line(`${reports.paths.html}  to look at in a browser`);
  screen.line(`${reports.paths.markdown}    for the summary of a CI job`);
  expectations.expect(reports.fit(["dev", "staging", "prod"], passwords), "both are there, without a key or password");
  for (const { system } of environments) await system.disconnect();

  screen.title(keep ? "The databases are still there" : "The databases");
  if (keep) endAllKept(screen, environments, copy);
  else await endAllRemoved(screen, environments, copy);
  screen.line();
  return expectations.verdict();
}

const all = <T>(environments: readonly Environment[], ask: (environment: Environment) => Promise<T>): Promise<T[]> =>
  Promise.all(environments.map(ask));

const prints = (environments: readonly Environment[]) => all(environments, ({ system }) => system.fingerprint());

const statesOf = ({ stages }: Promotion) => stages.map(({ states }) => states);
