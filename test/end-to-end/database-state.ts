import type { Database } from "../support/database";

/** Rows of both wallet tables with their places and writers: equal before and after means that nobody wrote. */
export async function rows(database: Database): Promise<string> {
  const [row] = await database.query<{ digest: string }>(`
    select md5(concat(
      (select string_agg(md5(concat(c.ctid, c.xmin, c::text)), '' order by c.ctid) from project_credentials c),
      (select string_agg(md5(concat(v.ctid, v.xmin, v::text)), '' order by v.ctid) from credential_vault_storage v)
    )) as digest`);
  return row?.digest ?? "";
}

/** Everything a deployment could change besides rows, and what PostgreSQL counted of the rows written. */
export async function catalog(database: Database): Promise<unknown> {
  // What sessions counted reaches the statistics when they end or idle; asking for a snapshot anew shows it.
  await database.query("select pg_stat_clear_snapshot()");
  const [row] = await database.query<{ all: unknown }>(`
    select jsonb_build_object(
      'relations', (select jsonb_agg(to_jsonb(c) - 'relpages' - 'reltuples' - 'relallvisible' - 'relallfrozen'
                                       - 'relfrozenxid' - 'relminmxid' - 'relhasindex' order by c.oid)
                      from pg_class c where c.relnamespace = 'public'::regnamespace),
      'constraints', (select jsonb_agg(to_jsonb(k) order by k.oid) from pg_constraint k),
      'indexes', (select jsonb_agg(to_jsonb(i) order by i.indexrelid) from pg_index i),
      'columns', (select count(*) from pg_attribute), 'rules', (select count(*) from pg_rewrite),
      'functions', (select count(*) from pg_proc), 'schemas', (select jsonb_agg(nspname order by oid) from pg_namespace),
      'roles', (select jsonb_agg(rolname order by oid) from pg_roles),
      'settings', (select count(*) from pg_db_role_setting),
      'written', (select jsonb_agg(jsonb_build_array(relname, n_tup_ins, n_tup_upd, n_tup_del) order by relid)
                    from pg_stat_user_tables)) as all`);
  return row?.all;
}

/** How many wallets are in which state by the fixture's own account. */
export async function expectedStates(database: Database, moment: "before" | "after"): Promise<Record<string, number>> {
  const found = await database.query<{ state: string; wallets: number }>(
    `select ${moment} as state, count(*)::int as wallets from expected_state group by 1`,
  );
  const none = { stored: 0, pending: 0, conflict: 0, ambiguousSource: 0, unreadableSource: 0, missingKey: 0 };
  return { ...none, ...Object.fromEntries(found.map(({ state, wallets }) => [state, wallets])) };
}

/** Wallets whose vault row is not the one the fixture expects after a transfer. */
export async function wrongVaultRows(database: Database): Promise<number> {
  const [row] = await database.query<{ n: number }>(`
    select count(*)::int as n from expected_state e left join credential_vault_storage v using (credential_id)
     where v.encrypted_private_key is distinct from
           case e.after when 'stored' then e.key when 'conflict' then reverse(e.key) end`);
  return row?.n ?? -1;
}
