// `npm test`: types, lint, format, then every test. `npm run test:quick`: the same with a choice of tests, in less than a
// minute. `npm test -- <fragment>`: only the test files whose path contains it.
// The last line is always "N passed, N failed, N skipped". Exit code 1 if anything failed or no test ran.
import { pulumiCli } from "../../pulumi-cli/pulumi-cli";
import { needPulumi, quickFiles, testFiles } from "./files";
import { type Counts, runFiles } from "./run-files";
import { isClean, staticChecks } from "./static-checks";

async function main(args: readonly string[]): Promise<Counts> {
  const fragments = args.filter((arg) => arg !== "--quick");
  const files = args.includes("--quick") ? quickFiles() : testFiles(fragments);
  if (fragments.length === 0)
    for (const check of staticChecks)
      if (!(await step(check.title, () => isClean(check)))) {
        console.log(`\n${check.title}: not clean. Stopped here; no test was run.`);
        return { passed: 0, failed: 1, skipped: 0 };
      }
  if (needPulumi(files)) await step("Pulumi CLI", getPulumi);
  if (files.length === 0) {
    console.log(`\nNo test file matches ${fragments.join(" ")}.`);
    return { passed: 0, failed: 0, skipped: 0 };
  }
  return step(`Tests (${files.length} files)`, () => runFiles(files));
}

/** Before the tests, so that building it is seen as what it is, and not as a test that takes two minutes. */
async function getPulumi(): Promise<void> {
  try {
    const { command, version, origin } = await pulumiCli(console.log);
    console.log(`${command}, version ${version} (${origin})`);
  } catch (error) {
    // The tests that need it will fail; the others are worth running.
    console.log(error instanceof Error ? error.message : error);
  }
}

async function step<T>(title: string, work: () => T | Promise<T>): Promise<T> {
  const start = performance.now();
  console.log(`\n== ${title}`);
  const result = await work();
  console.log(`== ${title}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

main(process.argv.slice(2)).then(
  ({ passed, failed, skipped }) => {
    console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
    return (process.exitCode = failed === 0 && passed > 0 ? 0 : 1);
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
