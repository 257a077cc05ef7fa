import { sqlstateOf, WalletVaultError } from "../postgres/errors";
import { conditionName, insufficientPrivilege } from "../postgres/sqlstate";
import { displayName } from "../postgres/printable";
import type { ViewInputs } from "./args";

/** Says what a refusal means for a view. What it cannot explain better it gives back as it is. */
export function explainError(error: unknown, inputs: ViewInputs): unknown {
  const sqlstate = sqlstateOf(error);
  if (sqlstate === insufficientPrivilege) {
    return new WalletVaultError(
      "ERR_PRIVILEGE",
      `The connected role may not make view ${displayName(inputs)} as declared (42501).`,
      "It needs USAGE and CREATE on the schema, USAGE on the schemas the query reads from, and to own the view that is there.",
      sqlstate,
    );
  }
  // Class 42: syntax error, unknown table, column or function, ambiguous names, types that do not fit.
  if (sqlstate?.startsWith("42") || sqlstate === "3F000" || sqlstate === "0A000") {
    return new WalletVaultError(
      "ERR_CONFIGURATION",
      `PostgreSQL does not accept the query of view ${displayName(inputs)} (${sqlstate} ${conditionName(sqlstate)}).`,
      "Check that all it reads from exists, and that every name in it has its schema; nothing was changed.",
      sqlstate,
    );
  }
  return error;
}
