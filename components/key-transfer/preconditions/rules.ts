import type { Table } from "../../postgres/catalog/table";
import type { Client } from "../../postgres/connection";
import { WalletVaultError } from "../../postgres/errors";
import { quoteIdent, quoteQualified } from "../../postgres/quote";

/**
 * A rule rewrites our statement. The statement then fails (0A000: no such rule within WITH or with ON CONFLICT), or does something
 * else than it says. ON CONFLICT fails with a rule on update even where that rule is disabled.
 *
 * @throws WalletVaultError ERR_TABLE_UNSUPPORTED
 */
export async function requireNoRules(client: Client, credentials: Table, vault: Table): Promise<void> {
  const { rows } = await client.query<{ name: string; vault: boolean }>(
    // ev_type: 2 is UPDATE, 3 INSERT (nodes.h). ev_enabled: D is disabled, R is for replicas only.
    `select r.rulename::text as name, r.ev_class = $2 as vault from pg_rewrite r
      where (r.ev_class = $1 and r.ev_type = '2' and r.ev_enabled in ('O', 'A'))
         or (r.ev_class = $2 and (r.ev_type = '2' or (r.ev_type = '3' and r.ev_enabled in ('O', 'A'))))
      order by r.ev_class = $2, r.rulename limit 1`,
    [credentials.oid, vault.oid],
  );
  const rule = rows[0];
  if (rule === undefined) return;
  const table = rule.vault ? vault : credentials;
  throw new WalletVaultError(
    "ERR_TABLE_UNSUPPORTED",
    `${table.schema}.${table.name} has rule ${rule.name}: with it, the transfer's statements fail with 0A000, or do something else.`,
    `Put what the rule does into a trigger, then: drop rule ${quoteIdent(rule.name)} on ${quoteQualified(table.schema, table.name)};`,
  );
}
