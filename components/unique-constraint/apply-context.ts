import type { Table } from "../postgres/catalog/table";
import type { UniqueConstraintInputs } from "./args";
import type { DeadlineContext } from "./index/statement-deadline";

/** One run's work on one table. */
export interface ApplyContext extends DeadlineContext {
  readonly inputs: UniqueConstraintInputs;
  readonly table: Table;
  /** Oids of indexes that PostgreSQL refused to make a constraint of. */
  readonly unattachable: Set<number>;
}
