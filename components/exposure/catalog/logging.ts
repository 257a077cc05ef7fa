import type { Client } from "../../postgres/connection";
import type { Found } from "../finding";
import { nameList } from "../names";

interface Setting {
  readonly name: string;
  readonly value: string;
  /** Of a role, of a database, or of both; both null: of the server, as this session has it. */
  readonly role: string | null;
  readonly of_database: boolean;
}

/** Settings that have statements written down, when a value means that, and what then is in the log. */
const talkative: Readonly<Record<string, { on: (value: string) => boolean; what: string; quiet: string }>> = {
  log_statement: {
    on: (value) => ["mod", "all"].includes(value),
    what: "every statement that writes is logged, with its literals and parameters",
    quiet: "ddl",
  },
  log_min_duration_statement: {
    on: isSet,
    what: "slow statements are logged, with literals and parameters",
    quiet: "-1",
  },
  log_min_duration_sample: { on: isSet, what: "a sample of slow statements is logged", quiet: "-1" },
  log_transaction_sample_rate: {
    on: (value) => Number(value) > 0,
    what: "the statements of a sample of transactions are logged",
    quiet: "0",
  },
  log_parameter_max_length_on_error: {
    on: (value) => value !== "0",
    what: "the parameters of statements that fail are logged, and sent to the client",
    quiet: "0",
  },
  debug_print_parse: { on: isOn, what: "statements are logged as trees, with literals", quiet: "off" },
  debug_print_rewritten: { on: isOn, what: "statements are logged as trees, with literals", quiet: "off" },
  debug_print_plan: { on: isOn, what: "plans are logged, with literals and parameters", quiet: "off" },
  "auto_explain.log_min_duration": {
    on: isSet,
    what: "plans of slow statements are logged; log_verbose and conditions show values, also those of parameters",
    quiet: "-1",
  },
  "pgaudit.log": {
    on: (value) => /\b(all|write|read|function|misc)\b/i.test(value),
    what: "audited statements are logged with their literals",
    quiet: "ddl, role",
  },
  "pgaudit.log_parameter": { on: isOn, what: "audited statements are logged with their parameters", quiet: "off" },
  "pg_stat_statements.track_utility": {
    on: isOn,
    what: "utility statements are kept with their literals (DO blocks, CREATE TABLE AS, cursors), for whoever may read other roles' statements",
    quiet: "off",
  },
};

function isOn(value: string): boolean {
  return ["on", "true", "yes", "1"].includes(value);
}

function isSet(value: string): boolean {
  return !value.startsWith("-");
}

/** Logging that would write down keys in applications' statements. This project's own statements hold none. */
export async function logging(client: Client): Promise<Found[]> {
  const { rows } = await client.query<Setting>(
    `select s.name, s.setting as value, null as role, false as of_database from pg_settings s where s.name = any ($1)
     union all
     select split_part(one.setting, '=', 1), substr(one.setting, strpos(one.setting, '=') + 1), r.rolname::text, s.setdatabase <> 0
       from pg_db_role_setting s cross join unnest(s.setconfig) one (setting) left join pg_roles r on r.oid = s.setrole
      where s.setdatabase in (0, (select d.oid from pg_database d where d.datname = current_database()))
        and split_part(one.setting, '=', 1) = any ($1)
     order by 1, 3 nulls first, 4, 2`,
    [Object.keys(talkative)],
  );
  return loggingFindings(rows);
}

/** One finding for each setting, with the roles that have it. */
function loggingFindings(settings: readonly Setting[]): Found[] {
  return Object.entries(talkative).flatMap(([name, { on, what, quiet }]): Found[] => {
    const where = settings
      .filter((setting) => setting.name === name && on(setting.value))
      .map(({ role, of_database: ofDatabase }) =>
        role !== null ? `role ${role}` : ofDatabase ? "this database" : "the role in databaseUrl",
      );
    if (where.length === 0) return [];
    return [
      {
        kind: "logging",
        object: name,
        detail: `For ${nameList([...new Set(where)])}: ${what}. A key in an application's statement is then written down.`,
        advice: `Set ${name} = '${quiet}', or have applications pass keys in a way that it does not show. Our own statements hold no key.`,
      },
    ];
  });
}
