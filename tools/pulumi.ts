// `npm run pulumi -- <arguments>`: the Pulumi CLI, in the project folder.
import { inForeground } from "./foreground.mjs";
import { projectFolder } from "./engine/release";
import { pulumiCli } from "./pulumi-cli";

async function main(): Promise<number> {
  const { command, env } = await pulumiCli();
  return inForeground(command, process.argv.slice(2), { cwd: projectFolder, env: { ...process.env, ...env } });
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
