import type { Client } from "../../postgres/connection";
import { isConnectionLoss, sqlstateOf, WalletVaultError } from "../../postgres/errors";
import { conditionName, isStandard } from "../../postgres/sqlstate";
import type { Found } from "../finding";
import type { CatalogPart, Tables } from "../tables";
import { api } from "./api";
import { functions } from "./functions";
import { generatedColumns, indexes } from "./indexes";
import { logging } from "./logging";
import { otherTables } from "./other-tables";
import { publications } from "./publications";
import { powerfulRoles, readers } from "./readers";
import { rowSecurity } from "./row-security";
import { statistics } from "./statistics";
import { triggers } from "./triggers";
import { views } from "./views";
import { wal } from "./wal";

const parts: Readonly<Record<string, CatalogPart>> = {
  "grants on the tables": readers,
  "powerful roles": powerfulRoles,
  "the web API": api,
  "row-level security": rowSecurity,
  triggers,
  publications,
  "WAL archives and slots": wal,
  views,
  functions,
  "generated columns": generatedColumns,
  "other tables": otherTables,
  statistics,
  indexes,
  logging,
};

/** What the catalog says. A part that cannot be read is a finding, and no failure. */
export async function catalogFindings(client: Client, tables: Tables): Promise<Found[]> {
  const found: Found[] = [];
  for (const [name, part] of Object.entries(parts)) {
    try {
      found.push(...(await part(client, tables)));
    } catch (error) {
      if (isConnectionLoss(error)) throw error;
      found.push(notLooked(name, error));
    }
  }
  return found;
}

/** @param what what could not be read, in words of ours */
export function notLooked(what: string, error: unknown): Found {
  const sqlstate = sqlstateOf(error);
  const known = sqlstate !== undefined && isStandard(sqlstate) ? `${sqlstate} ${conditionName(sqlstate)}` : "an error";
  const why = error instanceof WalletVaultError ? error.code : known;
  return {
    kind: "notLooked",
    object: what,
    detail: `This could not be read: ${why}.`,
    advice:
      "Nothing is known about it. Run a preview again; where it stays, ask with a role that may read the catalog.",
  };
}
