import type { Table } from "../../postgres/catalog/table";
import { WalletVaultError } from "../../postgres/errors";
import { quoteIdent, quoteQualified } from "../../postgres/quote";
import type { UniqueConstraintInputs } from "../args";
import type { CatalogFacts } from "../index/catalog";
import type { Step } from "../index/classification";

/**
 * What a step needs that the catalog can tell beforehand, so that nothing is changed where it would fail half-way.
 *
 * @throws WalletVaultError ERR_TABLE_UNSUPPORTED, ERR_DEFERRABLE, ERR_PRIVILEGE, ERR_NAME_TAKEN
 */
export function requireStepPossible(
  inputs: UniqueConstraintInputs,
  table: Table,
  step: Step,
  seen: CatalogFacts,
): void {
  const where = `${table.schema}.${table.name}`;
  const [rule] = seen.rules;
  if (rule !== undefined) {
    throw new WalletVaultError(
      "ERR_TABLE_UNSUPPORTED",
      `Table ${where} has rule ${rule}: with a rule on insert or update, ON CONFLICT fails with 0A000 or loses rows.`,
      `Put what the rule does into a trigger, then: drop rule ${quoteIdent(rule)} on ${quoteQualified(table.schema, table.name)}; and run the same command again.`,
    );
  }
  if (step.do === "refuse") {
    const constraint = step.index.constraint ?? step.index.name;
    throw new WalletVaultError(
      "ERR_DEFERRABLE",
      `Constraint ${constraint} of ${where} is DEFERRABLE; while it is there, every ON CONFLICT (${inputs.columns.join(", ")}) fails with 55000, also beside another unique index.`,
      `Check what relies on deferring it, then replace it: alter table ${where} drop constraint ${constraint}; and run the same command again.`,
    );
  }
  const { role, create, upsert } = seen.privileges;
  if (!upsert) {
    throw new WalletVaultError(
      "ERR_PRIVILEGE",
      `Role ${role} may not insert into ${where} with ON CONFLICT.`,
      `As its owner (${table.owner}), run: grant select, insert on ${where} to ${role}`,
    );
  }
  if (step.do === "adopt") return;
  if (!table.owned) {
    throw new WalletVaultError(
      "ERR_PRIVILEGE",
      `Role ${role} does not own table ${where}, and its unique constraint has to be ${past[step.do]}; the owner is ${table.owner}.`,
      `Use ${table.owner} or one of its members in databaseUrl.`,
    );
  }
  if (step.do === "build" && !create) {
    throw new WalletVaultError(
      "ERR_PRIVILEGE",
      `Role ${role} may not create an index in schema ${table.schema}, where table ${where} of owner ${table.owner} is.`,
      `As the schema's owner, run: grant create on schema ${table.schema} to ${role}`,
    );
  }
  if (step.do !== "reindex") requireNameFree(inputs, table, step, seen);
}

const past = { attach: "made from its unique index", reindex: "repaired", build: "created" } as const;

function requireNameFree(
  inputs: UniqueConstraintInputs,
  table: Table,
  step: Extract<Step, { do: "attach" | "build" }>,
  seen: CatalogFacts,
): void {
  const going = step.do === "attach" ? [step.index, ...step.invalidIndexes] : step.invalidIndexes;
  const ours = new Set(going.map((index) => index.oid));
  const [taken] = seen.nameHolders.filter((holder) => !(holder.kind === "relation" && ours.has(holder.oid)));
  if (taken === undefined) return;
  throw new WalletVaultError(
    "ERR_NAME_TAKEN",
    `The constraint of ${table.schema}.${table.name} cannot be named ${inputs.name}: that is ${taken.description}, and it does not make (${inputs.columns.join(", ")}) unique.`,
    "Rename or remove that object, or declare another name.",
  );
}
