import type { Client } from "../postgres/connection";
import { WalletVaultError } from "../postgres/errors";
import type { Table } from "../postgres/table";

/**
 * A delete must not reach further than the redundant row. Foreign keys that would only forbid it speak for themselves.
 *
 * @throws WalletVaultError ERR_DEPENDANTS
 */
export async function requireNoDependants(client: Client, table: Table): Promise<void> {
  const { rows } = await client.query<{ name: string; dependant: string; action: string }>(
    `select k.conname::text as name, k.conrelid::regclass::text as dependant,
            case k.confdeltype when 'c' then 'cascade' when 'n' then 'set null' else 'set default' end as action
       from pg_constraint k
      where k.contype = 'f' and k.confrelid = $1 and k.confdeltype in ('c', 'n', 'd')
      order by 2, 1 limit 1`,
    [table.oid],
  );
  const [key] = rows;
  if (key === undefined) return;
  throw new WalletVaultError(
    "ERR_DEPENDANTS",
    `Redundant rows of ${table.schema}.${table.name} cannot be removed: foreign key ${key.name} of ${key.dependant} says "on delete ${key.action}", so other rows would change with them.`,
    "Remove the duplicates by hand, or change that foreign key, then run the same command again.",
  );
}
