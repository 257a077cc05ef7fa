import { type Client, withClient } from "../postgres/connection";
import { WalletVaultError } from "../postgres/errors";
import { quoteIdent } from "../postgres/quote";
import type { Report } from "../postgres/report";
import { requireSupportedServer } from "../postgres/server-version";
import { displayName } from "../postgres/printable";
import { reportOn, requireValidInputs, type ViewInputs } from "./args";
import { parameters } from "./options";
import { requireName } from "./preconditions/name";
import { requireReaders } from "./preconditions/readers";
import { requireReplaceable } from "./preconditions/replaceable";
import { targetFacts } from "./preconditions/target-facts";

/** Everything that stops a preview. Reads only. @throws WalletVaultError see requirePreconditions, requireReplaceable */
export function checkView(databaseUrl: string, inputs: ViewInputs): Promise<void> {
  const session = { purpose: `checking view ${displayName(inputs)}`, readOnly: true };
  return withClient(databaseUrl, session, async (client) => {
    await requirePreconditions(client, inputs, "preview", reportOn(inputs));
    await requireReplaceable(client, inputs);
  });
}

/**
 * Refuses, before anything is changed, what could not be made. Reads the catalog only.
 *
 * @param moment `preview`: what the same run still makes may be missing. `apply`: everything must be there.
 * @throws WalletVaultError ERR_CONFIGURATION (arguments, no such schema, no such role), ERR_SERVER_UNSUPPORTED,
 *   ERR_SERVER_READ_ONLY, ERR_NAME_TAKEN, ERR_PRIVILEGE
 */
export async function requirePreconditions(
  client: Client,
  inputs: ViewInputs,
  moment: "preview" | "apply",
  report: Report,
): Promise<void> {
  requireValidInputs(inputs);
  await requireSupportedServer(client);
  const facts = await targetFacts(client, inputs);
  requireSupportedOptions(inputs, facts.major);
  if (!facts.schema_exists) {
    if (moment === "preview" && inputs.schemaMayBeMissing) return;
    throw new WalletVaultError(
      "ERR_CONFIGURATION",
      `There is no schema ${inputs.schema} for view ${inputs.name}.`,
      "Check the configuration and that databaseUrl names the right database, or create the schema.",
    );
  }
  requireName(inputs, facts, moment);
  requireReaders(inputs, facts, moment);
  // Where the schema is there for the views, the View lets its readers in, if it may.
  const toldOf = inputs.schemaMayBeMissing && facts.may_let_in ? [] : facts.shut_out;
  for (const reader of moment === "preview" ? toldOf : []) {
    report(
      `${reader} cannot enter schema ${inputs.schema}: grant usage on schema ${quoteIdent(inputs.schema)} to ${quoteIdent(reader)}`,
    );
  }
}

function requireSupportedOptions(inputs: ViewInputs, major: number): void {
  const since = (option: string) => parameters[option]?.since ?? 0;
  const option = Object.keys(inputs.options).find((name) => since(name) > major);
  if (option === undefined) return;
  throw new WalletVaultError(
    "ERR_SERVER_UNSUPPORTED",
    `View ${displayName(inputs)} is declared with ${option}, which PostgreSQL ${major} does not have.`,
    `Leave it out, or use PostgreSQL ${since(option)} or later.`,
  );
}
