import { type PulumiCli, pulumiCli } from "../pulumi-cli/pulumi-cli";
import type { Screen } from "./screen";

/** Finds the Pulumi CLI, or makes it, and says where it is from. */
export async function findPulumi(screen: Screen): Promise<PulumiCli> {
  const cli = await screen.working("looking for the Pulumi CLI", (working) =>
    pulumiCli((line) => working.say(line.trim())),
  );
  const from = { path: "found on PATH", official: "the official release", built: "built from its Go modules" };
  screen.good(`Pulumi CLI ${cli.version}, ${from[cli.origin]}`);
  return cli;
}
