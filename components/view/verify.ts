import { WalletVaultError } from "../postgres/errors";
import { displayName } from "../postgres/printable";
import type { ViewInputs, ViewOutputs } from "./args";
import type { CatalogView } from "./catalog";
import { driftOf } from "./drift";

/**
 * What is recorded, after the catalog was read back and compared with what was declared: PostgreSQL may have accepted a
 * statement, and an event trigger, an extension or a hosted platform still have it turn out differently.
 *
 * @param definition how the server prints the declared query; undefined where nothing could have changed it
 * @throws WalletVaultError ERR_VIEW_NOT_PROVEN
 */
export function verifyView(
  inputs: ViewInputs,
  owner: string,
  catalogView: CatalogView,
  definition: string | undefined,
): ViewOutputs {
  const state: ViewOutputs = {
    ...inputs,
    qualifiedName: displayName(inputs),
    columns: catalogView.columns,
    definition: definition ?? catalogView.definition ?? "",
    printedBy: catalogView.major,
    owner,
    drift: [],
  };
  const differences = driftOf(state, catalogView);
  if (differences.length === 0 && state.definition !== "") return state;
  throw new WalletVaultError(
    "ERR_VIEW_NOT_PROVEN",
    `View ${displayName(inputs)} was made and is not as declared: ${differences.join("; ") || "it has no definition"}.`,
    "Nothing was committed; look for event triggers of the database that change what is created.",
  );
}
