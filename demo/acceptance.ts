import { attentionOf, type Environment } from "./environment";
import type { ProgramCopy } from "./program-copy";
import type { Screen } from "./screen";

const why =
  "Two keys for one address, no key at all, or none that can be read: no program can decide that, and no deployment " +
  "will change it. Whoever has looked at them says so in the stack's configuration, where it is reviewed like the rest:";

/** Accepts, stack by stack, as many wallets of each state as are there, counted by hand; one more is not accepted. */
export async function acceptAll(
  screen: Screen,
  copy: ProgramCopy,
  environments: readonly Environment[],
): Promise<void> {
  screen.paragraph(why);
  for (const { stack, system } of environments) {
    const accepted = attentionOf(await system.states());
    await screen.working(`pulumi config set acceptAttention --stack ${stack}`, () =>
      copy.configure(stack, "acceptAttention", JSON.stringify(accepted)),
    );
    screen.line(screen.paint("dim", `Pulumi.${stack}.yaml, acceptAttention:`));
    for (const line of screen.fold(accepted.join(" "), undefined, "  ")) screen.line(line);
  }
}
