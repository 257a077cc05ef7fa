/** SQLSTATEs this project decides on (PostgreSQL manual, appendix A). */
export const lockNotAvailable = "55P03";
export const deadlockDetected = "40P01";
export const serializationFailure = "40001";
export const queryCanceled = "57014";
export const stringTruncation = "22001";
export const uniqueViolation = "23505";
export const triggeredDataChange = "27000";
export const connectionFailure = "08006";
export const noArbiter = "42P10";
export const insufficientPrivilege = "42501";
export const invalidTableDefinition = "42P16";
export const dependentObjectsStillExist = "2BP01";

const names: Readonly<Record<string, string>> = {
  "08000": "connection_exception",
  "08006": "connection_failure",
  "22001": "string_data_right_truncation",
  "22003": "numeric_value_out_of_range",
  "22012": "division_by_zero",
  "22P02": "invalid_text_representation",
  "22P05": "untranslatable_character",
  "22023": "invalid_parameter_value",
  "23000": "integrity_constraint_violation",
  "23502": "not_null_violation",
  "23503": "foreign_key_violation",
  "23505": "unique_violation",
  "23514": "check_violation",
  "23P01": "exclusion_violation",
  "25006": "read_only_sql_transaction",
  "27000": "triggered_data_change_violation",
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
  "42704": "undefined_object",
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
  "55006": "object_in_use",
  "57014": "query_canceled",
  "57P01": "admin_shutdown",
  "57P02": "crash_shutdown",
  "57P03": "cannot_connect_now",
  "58000": "system_error",
  "58030": "io_error",
  P0001: "raise_exception",
  P0002: "no_data_found",
  P0003: "too_many_rows",
  P0004: "assert_failure",
  XX000: "internal_error",
  XX001: "data_corrupted",
  XX002: "index_corrupted",
};

/** The standard name of a SQLSTATE, or the name of its class, so that a person need not look it up. */
export function conditionName(sqlstate: string): string {
  return names[sqlstate] ?? `(class ${sqlstate.slice(0, 2)})`;
}

/** What a trigger's RAISE without a code of its own gives. */
export const raiseException = "P0001";

/** Every error code of PostgreSQL 14 to 18 (errcodes.txt of its sources; manual, appendix A). */
const standard = new Set(
  `
  03000 08000 08001 08003 08004 08006 08007 08P01 09000 0A000 0B000 0F000 0F001 0L000 0LP01 0P000 0Z000 0Z002
  10608 20000 21000 22000 22001 22002 22003 22004 22005 22007 22008 22009 2200B 2200C 2200D 2200F 2200G 2200H
  2200L 2200M 2200N 2200S 2200T 22010 22011 22012 22013 22014 22015 22016 22018 22019 2201B 2201E 2201F 2201G
  2201W 2201X 22021 22022 22023 22024 22025 22026 22027 2202E 2202G 2202H 22030 22031 22032 22033 22034 22035
  22036 22037 22038 22039 2203A 2203B 2203C 2203D 2203E 2203F 2203G 22P01 22P02 22P03 22P04 22P05 22P06 23000
  23001 23502 23503 23505 23514 23P01 24000 25000 25001 25002 25003 25004 25005 25006 25007 25008 25P01 25P02
  25P03 25P04 26000 27000 28000 28P01 2B000 2BP01 2D000 2F000 2F002 2F003 2F004 2F005 34000 38000 38001 38002
  38003 38004 39000 39001 39004 39P01 39P02 39P03 3B000 3B001 3D000 3F000 40000 40001 40002 40003 40P01 42000
  42501 42601 42602 42611 42622 42701 42702 42703 42704 42710 42712 42723 42725 42803 42804 42809 42830 42846
  42883 428C9 42939 42P01 42P02 42P03 42P04 42P05 42P06 42P07 42P08 42P09 42P10 42P11 42P12 42P13 42P14 42P15
  42P16 42P17 42P18 42P19 42P20 42P21 42P22 44000 53000 53100 53200 53300 53400 54000 54001 54011 54023 55000
  55006 55P02 55P03 55P04 57000 57014 57P01 57P02 57P03 57P04 57P05 58000 58030 58P01 58P02 58P03 72000 F0000
  F0001 HV000 HV001 HV002 HV004 HV005 HV006 HV007 HV008 HV009 HV00A HV00B HV00C HV00D HV00J HV00K HV00L HV00M
  HV00N HV00P HV00Q HV00R HV010 HV014 HV021 HV024 HV090 HV091 P0000 P0001 P0002 P0003 P0004 XX000 XX001 XX002
`
    .trim()
    .split(/\s+/),
);

/** True for PostgreSQL's own codes. A trigger may raise any five characters, even a key's. */
export const isStandard = (sqlstate: string): boolean => standard.has(sqlstate);

/**
 * Failures that pass by themselves, as a regular expression that PostgreSQL and JavaScript read alike: somebody else's
 * lock, a lost connection, a server without disk, memory or connections, or one that is going down.
 */
export const transient = "^(40001|40P01|55P03|08...|53...|57P0.)$";

/** The same statement may succeed when it is run again. */
export const isTransient = (sqlstate: string): boolean => new RegExp(transient).test(sqlstate);

/** The server is out of disk, memory or connections: waiting may help, and so may a person. */
export const isShortage = (sqlstate: string): boolean => sqlstate.startsWith("53");
