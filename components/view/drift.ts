import { describedPrivileges, excess, shortfall } from "./access";
import type { LiveView } from "./live";
import { declaredOptions, liveOptions, optionDifferences } from "./options";
import type { ViewState } from "./spec";

/** How a live view differs from what was recorded when it was proven; empty where it does not. One clause each. */
export function driftOf(recorded: ViewState, live: LiveView | undefined): string[] {
  if (live === undefined) return ["the view is gone"];
  if (live.kind !== "v") return ["it is no longer a plain view"];
  return [
    ...definitionDrift(recorded, live),
    ...optionDifferences(liveOptions(live.options), declaredOptions(recorded.options)),
    // The recorded owner, not the connected role: another login for the same work is no drift.
    ...(live.owner === recorded.owner ? [] : [`its owner is ${live.owner}, was ${recorded.owner}`]),
    ...describedPrivileges(excess(live, recorded.readers)),
    ...shortfall(live, recorded.schemaMayBeMissing),
  ];
}

/**
 * Texts that the server printed are compared, never the declared query: PostgreSQL prints a query in its own way, so that
 * one would always differ. Both were printed under the search path of our sessions, which holds no user schema: under
 * another path the same definition reads differently.
 */
function definitionDrift(recorded: ViewState, live: LiveView): string[] {
  if (live.major !== recorded.printedBy) {
    // Another major prints the same definition differently (16 left out the table's name before columns, for one), so
    // the texts prove nothing. The view is replaced once, and the new text recorded.
    return [`its definition was recorded on PostgreSQL ${recorded.printedBy} and cannot be compared on ${live.major}`];
  }
  return live.definition === recorded.definition ? [] : ["its definition was changed"];
}
