import type { Client } from "../postgres/connection";
import { WalletVaultError } from "../postgres/errors";
import { displayName } from "../postgres/printable";

/** How many dependants a message names. */
const named = 10;

/**
 * What keeps a view from being dropped, read from the catalog: views and rules on it, functions, policies, and whatever
 * uses its row type. `view public.weekly`, `function public.f(integer)`, in that order.
 */
async function dependentsOf(client: Client, view: number): Promise<string[]> {
  const { rows } = await client.query<{ dependant: string }>(
    `with refs as (
       select 'pg_class'::regclass as class, c.oid from pg_class c where c.oid = $1
       union all
       select 'pg_type'::regclass, t.oid
         from pg_class c join pg_type t on t.oid = c.reltype or t.typelem = c.reltype and t.typcategory = 'A'
        where c.oid = $1
     )
     select distinct o.type || ' ' || o.identity as dependant
       from refs
       join pg_depend d on d.refclassid = refs.class and d.refobjid = refs.oid and d.deptype = 'n'
       left join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
      cross join lateral pg_identify_object(
        case when r.oid is null then d.classid else 'pg_class'::regclass end,
        coalesce(r.ev_class, d.objid),
        case when r.oid is null then d.objsubid else 0 end) o
      where r.ev_class is distinct from $1
      order by 1`,
    [view],
  );
  return rows.map((row) => row.dependant);
}

/** Undefined where there are none. @param doing `replaced` or `dropped` */
export async function blockedByDependents(
  client: Client,
  view: { oid: number; schema: string; name: string },
  doing: string,
): Promise<WalletVaultError | undefined> {
  const dependants = await dependentsOf(client, view.oid);
  if (dependants.length === 0) return undefined;
  const more = dependants.length > named ? ` and ${dependants.length - named} more` : "";
  return new WalletVaultError(
    "ERR_DEPENDANTS",
    `View ${displayName(view)} cannot be ${doing}, because others depend on it: ${dependants.slice(0, named).join(", ")}${more}.`,
    "Nothing was changed; drop these first and create them again afterwards.",
    "2BP01",
  );
}
