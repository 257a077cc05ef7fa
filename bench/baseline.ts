import { readFileSync } from "node:fs";
import { join } from "node:path";

export type Baseline = "plain" | "seed-shape" | "counting";

/** The SQL that a user would run otherwise. */
export const baseline = (name: Baseline): string => readFileSync(join(__dirname, "baseline", `${name}.sql`), "utf8");
