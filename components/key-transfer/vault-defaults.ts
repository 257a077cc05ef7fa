import { type Client, withClient } from "../postgres/connection";
import { lockWaitOf, type WaitLimits } from "../postgres/deadline";
import { oneLine } from "../postgres/printable";
import { quoteQualified } from "../postgres/quote";
import { type Report, reportAs } from "../postgres/report";
import { withTablesLocked } from "./locked-tables";
import { vaultColumns } from "./preconditions/columns";
import type { Wallets } from "./wallets";

/** A value by itself, perhaps with casts: no call, no operator, no other column. */
const constant = /^('([^']|'')*'|-?[\d.]+|true|false)(::[^()']+(\([\d,]+\))?)*$/;

/** Columns and characters of a default that are told; a table may have many, and a screen is small. */
const [mostColumns, mostCharacters] = [8, 40];

/**
 * Which columns of a new vault row get a constant from the table's defaults, as a sentence for a preview: `encryption_method =
 * 'AES-256-GCM'` says something of the key that nobody has looked at. Defaults that are computed say nothing of it, and are left
 * out. Undefined where there are none.
 *
 * @throws WalletVaultError ERR_LOCK_DEADLINE
 */
export async function describeVaultDefaults(
  databaseUrl: string,
  wallets: Wallets,
  limits: WaitLimits,
  report: Report = reportAs("survey"),
): Promise<string | undefined> {
  const session = { purpose: "reading the vault's defaults", readOnly: true };
  const defaults = await withClient(databaseUrl, session, (client) =>
    withTablesLocked(client, wallets, session.purpose, lockWaitOf(limits, report), () =>
      constantDefaults(client, wallets),
    ),
  );
  if (defaults.length === 0) return undefined;
  const named = defaults.slice(0, mostColumns).map(({ column, value }) => `${column} = ${short(value)}`);
  const more = defaults.length - named.length;
  return (
    oneLine(
      `The table's defaults fill columns of new vault rows: ${named.join(", ")}${more > 0 ? `, and ${more} more` : ""}.`,
    ) +
    " The key itself stays what metadata held, byte for byte. If a default says something wrong of it, set vaultValues " +
    "(docs/after-the-transfer.md)."
  );
}

const short = (text: string): string => (text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text);

async function constantDefaults(client: Client, wallets: Wallets): Promise<{ column: string; value: string }[]> {
  const { rows } = await client.query<{ column: string; value: string }>(
    `select a.attname::text as column, coalesce(pg_get_expr(d.adbin, d.adrelid), pg_get_expr(t.typdefaultbin, 0)) as value
       from pg_attribute a
       join pg_type t on t.oid = a.atttypid
       left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        and not a.attname = any ($2)
      order by a.attnum`,
    [
      quoteQualified(wallets.schema, wallets.vaultTable),
      [...Object.keys(vaultColumns), ...Object.keys(wallets.vaultValues ?? {})],
    ],
  );
  return rows
    .filter(({ value }) => value !== null && constant.test(value))
    .map(({ column, value }) => ({ column, value: value.replace(/::(?:[^:']|::)*$/, "") }));
}
