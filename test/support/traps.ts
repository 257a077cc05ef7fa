import type { Database } from "./database";

/**
 * Traps in schema public, made from the catalog by a role of its own: an overload for whatever PostgreSQL may find there
 * although pg_catalog has something of that name. It prefers an exact match in any schema of the path over a polymorphic,
 * variadic or coerced one, wherever pg_catalog stands. A trap that is called writes down its name, and who called it.
 *
 * @param owner a role that may create in public, made if it is missing
 */
export const traps = (owner = "trapper"): string => `
  do $$ begin if not exists (select from pg_roles where rolname = '${owner}') then create role ${owner}; end if; end $$;
  grant usage, create on schema public to ${owner};
  create table sprung (trap text, victim text);
  grant insert on sprung to public;
  create function spring(text) returns void language sql security definer
    as $$ insert into public.sprung values ($1, session_user) $$;
  set role ${owner}; set search_path = pg_catalog;
  do $traps$
  declare
    types text[] := array['text', 'varchar', 'uuid', 'int4', 'int8', 'numeric', 'bool', 'jsonb', 'json', 'tid', 'oid', 'name',
                          'regclass', 'timestamptz', 'text[]', 'tid[]', '"char"', 'bytea'];
    one record;
    t text;
    n int := 0;
    body text;
  begin
    -- Operators: every pair of types that pg_catalog has no operator of its own for.
    for one in
      select o.name, l.t as l, r.t as r,
             case when o.name in ('||') then 'text' when o.name in ('->', '#>') then 'jsonb' when o.name in ('->>', '#>>') then 'text'
                  when o.name in ('+', '-', '*', '/', '%', '#', '&') then 'int8' else 'bool' end as result
        from unnest(array['=', '<>', '<', '<=', '>', '>=', '||', '->', '->>', '#>', '#>>', '~', '!~', '~~', '+', '-', '*', '/', '%', '#', '&']) o (name),
             unnest(types) l (t), unnest(types) r (t)
       where not exists (select from pg_operator p where p.oprnamespace = 'pg_catalog'::regnamespace and p.oprname = o.name
                            and p.oprleft = l.t::regtype and p.oprright = r.t::regtype)
    loop
      n := n + 1;
      execute format('create function public.trap_%s(%s, %s) returns %s language plpgsql as %L', n, one.l, one.r, one.result,
        format('begin perform public.spring(%L); return null; end', one.name || ' ' || one.l || ' ' || one.r));
      execute format('create operator public.%s (leftarg = %s, rightarg = %s, function = public.trap_%s)', one.name, one.l, one.r, n);
    end loop;
    -- Functions with polymorphic arguments, of up to three arguments.
    for one in
      select distinct p.proname as name, p.pronargs as args, p.prokind as kind,
             case when p.prorettype::regtype::text ~ '^any' then null else format_type(p.prorettype, null) end as result, p.proretset as many
        from pg_proc p
       where p.pronamespace = 'pg_catalog'::regnamespace and p.pronargs between 1 and 3 and p.provariadic = 0
         and p.prorettype::regtype::text not in ('internal', 'trigger', 'cstring', 'void', 'record', 'event_trigger')
         and exists (select from unnest(p.proargtypes) a where a::regtype::text in ('anyelement', 'anyarray', 'anynonarray', 'anycompatible', 'anycompatiblearray', 'any', '"any"'))
    loop
      foreach t in array types loop
        begin
          if one.kind = 'f' then
            body := format('begin perform public.spring(%L); %s end', one.name || '(' || t || ')', case when one.many then 'return;' else 'return null;' end);
            execute format('create function public.%I(%s) returns %s language plpgsql as %L', one.name,
              (select string_agg(t, ', ') from generate_series(1, one.args)), case when one.many then 'setof ' else '' end || coalesce(one.result, t), body);
          elsif one.args = 1 then
            execute format('create function public.%I(%s, %s) returns %s language plpgsql as %L', 'step_' || one.name, t, t, t,
              format('begin perform public.spring(%L); return null; end', one.name || '(' || t || ')'));
            execute format('create aggregate public.%I(%s) (sfunc = public.%I, stype = %s)', one.name, t, 'step_' || one.name, t);
          end if;
        exception when duplicate_function or invalid_function_definition or datatype_mismatch or wrong_object_type or syntax_error then null;
        end;
      end loop;
    end loop;
    -- Variadic ones, as they are called here: names beside values, with one of another type at the end, perhaps.
    for one in
      select f.name, pairs.n as pairs, v.t as value, l.t as last, case when f.name ~ 'jsonb' then 'jsonb' when f.name ~ 'json' then 'json' else 'text' end as result
        from unnest(array['jsonb_build_object', 'json_build_object', 'jsonb_build_array', 'format', 'concat', 'concat_ws']) f (name),
             generate_series(1, 12) pairs (n), unnest(array['text', 'int8', 'int4', 'bool', 'varchar']) v (t),
             unnest(array['same', 'jsonb', 'text', 'int8']) l (t)
    loop
      begin
        execute format('create function public.%I(%s) returns %s language plpgsql as %L', one.name,
          (select string_agg('text, ' || case when i = one.pairs and one.last <> 'same' then one.last else one.value end, ', ') from generate_series(1, one.pairs) i),
          one.result, format('begin perform public.spring(%L); return null; end', one.name));
      exception when duplicate_function then null;
      end;
    end loop;
  end $traps$;
  reset search_path; reset role;`;

/** Names of the traps that were called. */
export const sprung = async ({ query }: Pick<Database, "query">): Promise<string[]> =>
  (await query<{ trap: string }>("select distinct trap from public.sprung order by 1")).map(({ trap }) => trap);
