/** An index as pg_index and pg_constraint have it. */
export interface IndexFacts {
  readonly oid: number;
  readonly name: string;
  /** Key columns in order, without INCLUDE columns; null stands for an expression. */
  readonly columns: readonly (string | null)[];
  readonly unique: boolean;
  readonly exclusion: boolean;
  readonly partial: boolean;
  /** False for a DEFERRABLE constraint. */
  readonly immediate: boolean;
  readonly valid: boolean;
  readonly ready: boolean;
  readonly live: boolean;
  /** B-tree in the order, operator class and collation that a constraint would choose by itself. */
  readonly plain: boolean;
  /** The constraint whose index this is; null for a bare index. */
  readonly constraint: string | null;
  readonly constraintKind: "unique" | "primary" | null;
}

/**
 * What an index is to `on conflict (columns)`. The last six are of no use to it, each for its own reason; most of them
 * would pass a check that only asks for "a unique index on the column".
 */
export type Verdict =
  | "serves"
  /** Not only does it not serve: while it is there, every ON CONFLICT on these columns fails with 55000. */
  | "deferrable"
  /** INVALID: what a build left that failed, was cancelled, or is still going on. */
  | "leftover"
  /** INVALID, but a constraint stands on it, so that it cannot simply be dropped. */
  | "broken"
  | "notUnique"
  | "exclusion"
  | "expression"
  | "otherColumns"
  | "partial";

/** Decides by what the catalog says of the index, never by its name. */
export function classify(index: IndexFacts, columns: readonly string[]): Verdict {
  if (index.exclusion) return "exclusion";
  if (!index.unique) return "notUnique";
  if (index.columns.includes(null)) return "expression";
  if (!isSameSet(index.columns, columns)) return "otherColumns";
  if (index.partial) return "partial";
  if (!index.valid || !index.ready || !index.live) return index.constraint === null ? "leftover" : "broken";
  return index.immediate ? "serves" : "deferrable";
}

/** Why an index does not serve, as the end of a sentence that begins with its name. */
export const reasons: Readonly<Record<Exclude<Verdict, "serves">, string>> = {
  deferrable: "belongs to a DEFERRABLE constraint, which no ON CONFLICT may use",
  leftover: "is INVALID: an index build did not end",
  broken: "is INVALID",
  notUnique: "is not unique",
  exclusion: "belongs to an exclusion constraint, which ON CONFLICT (columns) does not look at",
  expression: "is on an expression",
  otherColumns: "is on other columns",
  partial: "is partial: it covers only rows that meet its WHERE",
};

/** The next thing to do so that the columns have their constraint; leftovers have to go before it. */
export type Step =
  | { readonly do: "adopt"; readonly index: IndexFacts }
  | { readonly do: "promote"; readonly index: IndexFacts; readonly leftovers: readonly IndexFacts[] }
  | { readonly do: "reindex"; readonly index: IndexFacts; readonly leftovers: readonly IndexFacts[] }
  | { readonly do: "build"; readonly leftovers: readonly IndexFacts[] }
  | { readonly do: "refuse"; readonly index: IndexFacts };

/**
 * Chooses the next step from what is there.
 *
 * @param name the declared name: among several that serve, its bearer is preferred
 * @param unpromotable oids of indexes that PostgreSQL refused to make a constraint of
 */
export function nextStep(
  indexes: readonly IndexFacts[],
  columns: readonly string[],
  name: string,
  unpromotable: ReadonlySet<number> = new Set(),
): Step {
  const having = (verdict: Verdict) => indexes.filter((index) => classify(index, columns) === verdict);
  const canPromote = (index: IndexFacts) => index.plain && !unpromotable.has(index.oid);
  const rank = (index: IndexFacts): number => {
    if (index.constraint === null) return canPromote(index) ? 3 : 4;
    if (index.constraint === name) return 0;
    return index.constraintKind === "unique" ? 1 : 2;
  };
  const [spoiler] = having("deferrable");
  if (spoiler !== undefined) return { do: "refuse", index: spoiler };
  const [best] = having("serves").sort((a, b) => rank(a) - rank(b) || a.oid - b.oid);
  const leftovers = having("leftover");
  if (best !== undefined) {
    return rank(best) === 3 ? { do: "promote", index: best, leftovers } : { do: "adopt", index: best };
  }
  const [broken] = having("broken");
  return broken !== undefined ? { do: "reindex", index: broken, leftovers } : { do: "build", leftovers };
}

function isSameSet(some: readonly (string | null)[], others: readonly string[]): boolean {
  return some.length === others.length && others.every((column) => some.includes(column));
}
