// `npm run pulumi -- <arguments>`: the Pulumi CLI, in the project folder.
import { inForeground } from "./foreground.mjs";
import { projectFolder } from "./engine/release";
import { pulumiCli } from "./pulumi-cli";
import { stopFile } from "./stop-file";

async function main(): Promise<number> {
  const { command, env } = await pulumiCli();
  const stop = stopFile();
  return inForeground(command, process.argv.slice(2), {
    cwd: projectFolder,
    env: { ...process.env, ...env, ...stop.env },
    onSignal: () => stop.request(),
    onEnd: () => stop.remove(),
  });
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
