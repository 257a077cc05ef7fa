import type { Table } from "../../postgres/catalog/table";
import type { Client } from "../../postgres/connection";
import { WalletVaultError } from "../../postgres/errors";

/** SQL: what makes more of a delete from a table, or something else: foreign keys, and rules (`rule` is true). */
export const reaching = (oid: string): string =>
  `select k.conname::text as name, k.conrelid::regclass::text as dependant, false as rule,
          case k.confdeltype when 'c' then 'cascade' when 'n' then 'set null' else 'set default' end as action
     from pg_constraint k
    where k.contype = 'f' and k.confrelid = ${oid} and k.confdeltype in ('c', 'n', 'd')
   union all
   -- ev_type: 4 is DELETE (nodes.h). ev_enabled: D is disabled, R is for replicas only.
   select r.rulename::text, null, true, null from pg_rewrite r
    where r.ev_class = ${oid} and r.ev_type = '4' and r.ev_enabled in ('O', 'A')`;

/**
 * A delete must not reach further than the redundant row. Foreign keys that would only forbid it speak for themselves.
 *
 * @throws WalletVaultError ERR_DEPENDANTS, ERR_TABLE_UNSUPPORTED
 */
export async function requireNoDependents(client: Client, table: Table): Promise<void> {
  const { rows } = await client.query<{ name: string; dependant: string; rule: boolean; action: string }>(
    `${reaching("$1::oid")} order by rule, 2, 1 limit 1`,
    [table.oid],
  );
  const [key] = rows;
  if (key === undefined) return;
  if (key.rule) {
    throw new WalletVaultError(
      "ERR_TABLE_UNSUPPORTED",
      `Redundant rows of ${table.schema}.${table.name} cannot be removed: rule ${key.name} makes something else of a delete.`,
      "Remove the duplicates by hand, or put what the rule does into a trigger, then run the same command again.",
    );
  }
  throw new WalletVaultError(
    "ERR_DEPENDANTS",
    `Redundant rows of ${table.schema}.${table.name} cannot be removed: foreign key ${key.name} of ${key.dependant} says "on delete ${key.action}", so other rows would change with them.`,
    "Remove the duplicates by hand, or change that foreign key, then run the same command again.",
  );
}
