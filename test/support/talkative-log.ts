import type { Database } from "./database";

const settings = {
  session_preload_libraries: "auto_explain",
  "auto_explain.log_min_duration": "0",
  "auto_explain.log_nested_statements": "on",
  "auto_explain.log_verbose": "on",
  debug_print_plan: "on",
  log_error_verbosity: "verbose",
  log_min_duration_statement: "0",
  log_statement: "all",
};

/** Whatever a session does goes to the server's log, with parameters, plans, and the statements inside of functions. */
export async function talkative({ name, query }: Database): Promise<void> {
  for (const [setting, value] of Object.entries(settings))
    await query(`alter database ${name} set ${setting} = '${value}'`);
}
