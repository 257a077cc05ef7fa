import { Deployments } from "./deployment";
import type { Figure } from "./figures";
import type { Options } from "./options";
import type { Say } from "./stage";

/** What a part of the benchmarks needs. */
export interface Bench {
  readonly options: Options;
  readonly deployments: Deployments;
  readonly say: Say;
}

/** What it found: figures, and tables that explain them. */
export interface Findings {
  readonly figures: readonly Figure[];
  readonly tables?: readonly (readonly (readonly string[])[])[];
}
