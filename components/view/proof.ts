import { WalletVaultError } from "../postgres/errors";
import { driftOf } from "./drift";
import type { LiveView } from "./live";
import { displayName, type ViewSpec, type ViewState } from "./spec";

/**
 * What is recorded, after the catalog was read back and compared with what was declared: PostgreSQL may have accepted a
 * statement, and an event trigger, an extension or a hosted platform still have it turn out differently.
 *
 * @param definition how the server prints the declared query; undefined where nothing could have changed it
 * @throws WalletVaultError ERR_VIEW_NOT_PROVEN
 */
export function proven(spec: ViewSpec, owner: string, live: LiveView, definition: string | undefined): ViewState {
  const state: ViewState = {
    ...spec,
    qualifiedName: displayName(spec),
    columns: live.columns,
    definition: definition ?? live.definition ?? "",
    printedBy: live.major,
    owner,
    drift: [],
  };
  const differences = driftOf(state, live);
  if (differences.length === 0 && state.definition !== "") return state;
  throw new WalletVaultError(
    "ERR_VIEW_NOT_PROVEN",
    `View ${displayName(spec)} was made and is not as declared: ${differences.join("; ") || "it has no definition"}.`,
    "Nothing was committed; look for event triggers of the database that change what is created.",
  );
}
