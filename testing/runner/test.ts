// `npm test`: types, lint, format, then every test. `npm run test:quick`: the same with a choice of tests, in less than a
// minute. `npm test -- <fragment>`: only the test files whose path contains it.
// The last line is always "N passed, N failed, N skipped". Exit code 1 if anything failed or no test ran.
import { parseArgs } from "node:util";
import { optionsFor, UnknownOption } from "../../launcher/options";
import { pulumiCli } from "../../pulumi-cli/pulumi-cli";
import { needPulumi, quickFiles, testFiles } from "./files";
import { type Counts, runFiles } from "./run-files";
import { isClean, staticChecks } from "./static-checks";

const help = `npm test -- [options] [part of a path…]

Types, lint, format, then all tests, on PostgreSQL servers of its own. With parts of paths: only the test files whose path
contains one of them, without the checks before. The last line is "N passed, N failed, N skipped"; exit code 1 if anything
failed or no test ran.

  --quick      a choice of tests, in less than a minute: npm run test:quick
  --help, -h   this text

One test: node --import tsx --test --test-name-pattern="by hand" test/view/drift.test.ts`;

async function main(args: readonly string[]): Promise<Counts> {
  const { values, positionals: fragments } = optionsFor("npm test", () =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { quick: { type: "boolean", default: false } },
    }),
  );
  const files = values.quick ? quickFiles() : testFiles(fragments);
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

const args = process.argv.slice(2);
if (args.some((arg) => arg === "--help" || arg === "-h")) console.log(help);
else
  main(args).then(
    ({ passed, failed, skipped }) => {
      console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
      return (process.exitCode = failed === 0 && passed > 0 ? 0 : 1);
    },
    (error: unknown) => {
      console.error(error instanceof UnknownOption ? error.message : error);
      process.exitCode = 1;
    },
  );
