import { WalletVaultError } from "../../postgres/errors";
import { quoteIdent } from "../../postgres/quote";
import { displayName } from "../../postgres/printable";
import type { ViewInputs } from "../args";
import type { TargetFacts } from "./target-facts";

/** @throws WalletVaultError ERR_NAME_TAKEN, ERR_PRIVILEGE where the view cannot be made or replaced under its name */
export function requireName(inputs: ViewInputs, facts: TargetFacts, moment: "preview" | "apply"): void {
  const isView = facts.kind === "v";
  if (facts.kind !== null && !isView) {
    throw new WalletVaultError(
      "ERR_NAME_TAKEN",
      `${displayName(inputs)} should be a view, and is ${kinds[facts.kind] ?? "another kind of relation"}.`,
      "Nothing is dropped to make room: rename it, or give the view another name.",
    );
  }
  if (isView && !facts.owned) {
    throw new WalletVaultError(
      "ERR_PRIVILEGE",
      `View ${displayName(inputs)} belongs to ${facts.owner}, and ${facts.role} is not a member of that role.`,
      `Connect as its owner, or have it run: alter view ${quoteIdent(inputs.schema)}.${quoteIdent(inputs.name)} owner to ${quoteIdent(facts.role)}.`,
    );
  }
  // PostgreSQL asks for CREATE also where a view is replaced; a preview with nothing to do need not.
  if (!facts.may_create && (!isView || moment === "apply")) {
    throw new WalletVaultError(
      "ERR_PRIVILEGE",
      `Role ${facts.role} lacks CREATE on schema ${inputs.schema}, so it cannot make view ${displayName(inputs)}.`,
      `Have the schema's owner run: grant usage, create on schema ${quoteIdent(inputs.schema)} to ${quoteIdent(facts.role)}.`,
    );
  }
}

const kinds: Readonly<Record<string, string>> = {
  r: "a table",
  p: "a partitioned table",
  m: "a materialized view",
  f: "a foreign table",
  i: "an index",
  I: "an index",
  S: "a sequence",
  c: "a composite type",
  T: "a type",
};
