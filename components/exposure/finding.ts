import { printable } from "../postgres/printable";

/** Kinds of findings, the gravest first: the order of the list. */
export const kinds = [
  "reader",
  "api",
  "rowSecurity",
  "policy",
  "trigger",
  "publication",
  "replicaIdentity",
  "slot",
  "archiving",
  "view",
  "materializedView",
  "rule",
  "function",
  "generatedColumn",
  "otherTable",
  "keyInColumn",
  "keyElsewhere",
  "keyInMetadata",
  "sharedKey",
  "fieldName",
  "protection",
  "encryptionMethod",
  "statistics",
  "index",
  "logging",
  "notLooked",
  "more",
] as const;

export type Kind = (typeof kinds)[number];

/** Who can read keys, or where else they are. Names of the catalog, counts and words of ours; never a value. */
export interface Finding {
  readonly kind: Kind;
  /** What the finding is about: `public.credential_vault_storage.encrypted_private_key`. */
  readonly object: string;
  readonly detail: string;
  /** What to do, with SQL where there is some. */
  readonly advice: string;
}

/** A finding before it is listed. */
export interface Found extends Finding {
  /** True: a run that moves keys has them copied there. */
  readonly copiesDuringRun?: boolean;
}

/** Entries of the output. */
export const mostFindings = 50;

/** In one order, whatever the order in which they were found, and each once. Text of ours comes back as it is. */
export function inOrder<F extends Finding>(findings: readonly F[]): F[] {
  const key = ({ kind, object, detail }: Finding): string =>
    [String(kinds.indexOf(kind)).padStart(2, "0"), object, detail].join("\u0000");
  const byKey = new Map(findings.map((finding) => [key(finding), finding]));
  return [...byKey.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, finding]) => ({
      ...finding,
      object: printable(finding.object, longestObject),
      detail: printable(finding.detail, longestText),
      advice: printable(finding.advice, longestText),
    }));
}

/** The output `exposure`: the first findings of the order; the last entry counts the others. */
export function listed(findings: readonly Finding[]): Finding[] {
  const entries = inOrder(findings).map(({ kind, object, detail, advice }) => ({ kind, object, detail, advice }));
  if (entries.length <= mostFindings) return entries;
  const rest = entries.slice(mostFindings - 1);
  const counts = kinds
    .map((kind) => [kind, rest.filter((entry) => entry.kind === kind).length] as const)
    .filter(([, count]) => count > 0);
  return [
    ...entries.slice(0, mostFindings - 1),
    {
      kind: "more",
      object: "",
      detail: `${rest.length} findings are not listed: ${counts.map(([kind, count]) => `${count} ${kind}`).join(", ")}.`,
      advice: "Deal with the findings above first. The preview tells all of them.",
    },
  ];
}

/** Characters. A qualified name has up to 190, a statement about it somewhat more. */
const longestObject = 300;
const longestText = 1_200;
