/** SQLSTATEs this project decides on (PostgreSQL manual, appendix A). */
export const lockNotAvailable = "55P03";
export const deadlockDetected = "40P01";
export const serializationFailure = "40001";
export const queryCanceled = "57014";
export const uniqueViolation = "23505";
export const noArbiter = "42P10";
export const insufficientPrivilege = "42501";
export const invalidTableDefinition = "42P16";
export const dependentObjectsStillExist = "2BP01";

const names: Readonly<Record<string, string>> = {
  "22001": "string_data_right_truncation",
  "22003": "numeric_value_out_of_range",
  "22P02": "invalid_text_representation",
  "22P05": "untranslatable_character",
  "23000": "integrity_constraint_violation",
  "23502": "not_null_violation",
  "23503": "foreign_key_violation",
  "23505": "unique_violation",
  "23514": "check_violation",
  "23P01": "exclusion_violation",
  "25006": "read_only_sql_transaction",
  "28000": "invalid_authorization_specification",
  "28P01": "invalid_password",
  "2BP01": "dependent_objects_still_exist",
  "3D000": "invalid_catalog_name",
  "40001": "serialization_failure",
  "40P01": "deadlock_detected",
  "42501": "insufficient_privilege",
  "42601": "syntax_error",
  "42703": "undefined_column",
  "42883": "undefined_function",
  "42P01": "undefined_table",
  "42P07": "duplicate_table",
  "42P10": "invalid_column_reference",
  "42P16": "invalid_table_definition",
  "53100": "disk_full",
  "53200": "out_of_memory",
  "53300": "too_many_connections",
  "53400": "configuration_limit_exceeded",
  "54000": "program_limit_exceeded",
  "55000": "object_not_in_prerequisite_state",
  "55P03": "lock_not_available",
  "57014": "query_canceled",
  "57P01": "admin_shutdown",
  "57P02": "crash_shutdown",
  "57P03": "cannot_connect_now",
  P0001: "raise_exception",
};

/** The standard name of a SQLSTATE, or the name of its class, so that a person need not look it up. */
export function conditionName(sqlstate: string): string {
  return names[sqlstate] ?? `(class ${sqlstate.slice(0, 2)})`;
}

/** What a trigger's RAISE without a code of its own gives. */
export const raiseException = "P0001";

/** True for the codes named above: text of PostgreSQL's own, not of whoever raised it. */
export const isStandard = (sqlstate: string): boolean => Object.hasOwn(names, sqlstate);

/** Failures that pass by themselves: the same statement may succeed when it is run again. */
export function isTransient(sqlstate: string): boolean {
  return (
    [lockNotAvailable, deadlockDetected, serializationFailure].includes(sqlstate) ||
    sqlstate.startsWith("08") ||
    sqlstate.startsWith("53") ||
    sqlstate.startsWith("57P")
  );
}
