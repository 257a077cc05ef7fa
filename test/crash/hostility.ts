import * as fc from "fast-check";
import { droppingTriggers, hostileTriggers, makingTriggers } from "../support/hostile-triggers";
import { migrate, rewritingMigrations } from "../support/rewriting-migrations";
import type { CrashDatabase } from "./crash-database";

/** Users' triggers on the two tables, and migrations that rewrite them, while keys are moved and things are killed. */
export class Hostility {
  private migrating: Promise<void> = Promise.resolve();

  private constructor(
    private readonly making: string,
    private readonly dropping: string,
    private readonly migrations: Parameters<typeof migrate>[1],
    /** What was drawn, for whoever reads of a fault. */
    readonly what: string,
  ) {}

  static drawn(seed: number): Hostility {
    const both = fc.record({ triggers: hostileTriggers, migrations: rewritingMigrations });
    const [one] = fc.sample(both, { seed, numRuns: 1 });
    if (one === undefined) throw new Error("Nothing was drawn.");
    const { triggers, migrations } = one;
    const what = [...triggers.map((trigger) => trigger.what), ...migrations].join("; ");
    return new Hostility(makingTriggers(triggers), droppingTriggers(triggers), migrations, what);
  }

  async begin(database: CrashDatabase): Promise<void> {
    await database.host.query(database.name, this.making);
    const session = await database.session("a migration");
    this.migrating = migrate(session, this.migrations).finally(() => database.close(session));
  }

  /** Afterwards everything can be put right. */
  async end(database: CrashDatabase): Promise<void> {
    await this.migrating;
    await database.host.query(database.name, this.dropping);
  }
}
