import type { ViewOutputs } from "./args";
import type { CatalogView } from "./catalog";
import { declaredOptions, liveOptions, optionDifferences } from "./options";
import { extraPrivileges, formatPrivileges, missingPrivileges } from "./privileges";

/** How a live view differs from what was recorded when it was proven; empty where it does not. One clause each. */
export function driftOf(recorded: ViewOutputs, catalogView: CatalogView | undefined): string[] {
  if (catalogView === undefined) return ["the view is gone"];
  if (catalogView.kind !== "v") return ["it is no longer a plain view"];
  return [
    ...definitionDrift(recorded, catalogView),
    ...optionDifferences(liveOptions(catalogView.options), declaredOptions(recorded.options)),
    // The recorded owner, not the connected role: another login for the same work is no drift.
    ...(catalogView.owner === recorded.owner ? [] : [`its owner is ${catalogView.owner}, was ${recorded.owner}`]),
    ...formatPrivileges(extraPrivileges(catalogView, recorded.readers)),
    ...missingPrivileges(catalogView, recorded.schemaMayBeMissing),
  ];
}

/**
 * Texts that the server printed are compared, never the declared query: PostgreSQL prints a query in its own way, so that
 * one would always differ. Both were printed under the search path of our sessions, which holds no user schema: under
 * another path the same definition reads differently.
 */
function definitionDrift(recorded: ViewOutputs, catalogView: CatalogView): string[] {
  if (catalogView.major !== recorded.printedBy) {
    // Another major prints the same definition differently (16 left out the table's name before columns, for one), so
    // the texts prove nothing. The view is replaced once, and the new text recorded.
    return [
      `its definition was recorded on PostgreSQL ${recorded.printedBy} and cannot be compared on ${catalogView.major}`,
    ];
  }
  return catalogView.definition === recorded.definition ? [] : ["its definition was changed"];
}
