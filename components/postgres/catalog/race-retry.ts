import { setTimeout as sleep } from "node:timers/promises";
import { sqlstateOf } from "../errors";
import { retry } from "../retry";
import { deadlockDetected, serializationFailure, uniqueViolation } from "../sqlstate";

/**
 * What a race for one catalog row ends with: the name taken a moment ago (23505, 42P07, 42710), `tuple concurrently
 * updated` and `cache lookup failed` (both XX000, an internal error), a deadlock, or a snapshot that is too old.
 */
const catalogRaces = new Set([uniqueViolation, "42P07", "42710", "XX000", deadlockDetected, serializationFailure]);

/** Enough for ten at once, of which one gets through each time; a true internal error is told after some seconds. */
const attempts = 20;

/**
 * Runs a transaction again that lost a race for a catalog row: PostgreSQL has no lock on a name that does not exist yet,
 * and GRANT takes none on the relation, so whoever comes second fails and need only try again.
 */
export const retryOnCatalogRace = <T>(transaction: () => Promise<T>): Promise<T> =>
  retry(
    (tries) => sleep(10 * tries * Math.random()),
    transaction,
    (error, tries) => tries < attempts && catalogRaces.has(sqlstateOf(error) ?? ""),
  );
