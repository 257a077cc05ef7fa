/**
 * The second definition of what a transfer does, written from the words of the design and sharing no line with the
 * components: the oracle of the model test.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export interface ModelWallet {
  readonly id: string;
  readonly type: string;
  /** Undefined: SQL null. */
  readonly metadata: Json | undefined;
  readonly flag: boolean | null;
  /** Whether vault_backup_date is set. */
  readonly dated: boolean;
  readonly keyVaultId: string | null;
  readonly vault: { readonly vaultId: string; readonly key: string } | undefined;
}

export interface Rules {
  readonly keyPaths: readonly (readonly string[])[];
  readonly placeholders: readonly string[];
  readonly credentialTypes: readonly string[];
}

export type ModelState = "stored" | "pending" | "conflict" | "ambiguousSource" | "unreadableSource" | "missingKey";

/** How one wallet must stand after a complete transfer. */
export interface Outcome {
  /** Whether any of its columns may change. */
  readonly touched: boolean;
  readonly flag: boolean | null;
  readonly date: "as it was" | "now";
  /** The vault's value, exactly; undefined: no row. */
  readonly key: string | undefined;
  /**
   * The ids its vault row may have. Where several wallets want one id, `ids` of each holds it, and one gets it; the others
   * get a last resort, which nobody can know before.
   */
  readonly ids: readonly (string | RegExp)[];
}

export interface Expectation {
  readonly before: Readonly<Record<ModelState, number>>;
  readonly after: Readonly<Record<ModelState, number>>;
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** Ids that exactly one of several wallets gets. */
  readonly contested: ReadonlyMap<string, readonly string[]>;
  readonly counts: {
    readonly credentials: number;
    readonly verified: number;
    readonly flagsWrongBefore: number;
    readonly transferred: number;
    readonly repaired: number;
    readonly flagsSet: number;
    readonly flagsCleared: number;
    readonly vaultIdsAssigned: number;
  };
}

const whiteSpaceOnly = /^[\p{White_Space}\ufeff]*$/u;

const isReal = (text: string, rules: Rules): boolean =>
  !whiteSpaceOnly.test(text) && !rules.placeholders.includes(text);

function at(document: Json | undefined, path: readonly string[]): Json | undefined {
  let here: Json | undefined = document;
  for (const name of path) {
    if (here === null || typeof here !== "object" || Array.isArray(here)) return undefined;
    here = Object.hasOwn(here, name) ? (here as Record<string, Json>)[name] : undefined;
  }
  return here;
}

/** S: the distinct real values at the key paths. */
export function sources(wallet: ModelWallet, rules: Rules): string[] {
  const found = rules.keyPaths.map((path) => at(wallet.metadata, path));
  return [...new Set(found.filter((value): value is string => typeof value === "string" && isReal(value, rules)))];
}

/** V: the real value of the vault row, if any. */
const vaultKey = (wallet: ModelWallet, rules: Rules): string | undefined =>
  wallet.vault !== undefined && isReal(wallet.vault.key, rules) ? wallet.vault.key : undefined;

export function stateOf(wallet: ModelWallet, rules: Rules): ModelState {
  const inSource = sources(wallet, rules);
  const inVault = vaultKey(wallet, rules);
  if (inSource.length > 1) return "ambiguousSource";
  if (inVault !== undefined) return inSource.every((value) => value === inVault) ? "stored" : "conflict";
  if (inSource.length === 1) return "pending";
  const odd = rules.keyPaths.map((path) => at(wallet.metadata, path));
  const steps = rules.keyPaths.flatMap((path) => path.map((_, n) => at(wallet.metadata, path.slice(0, n))));
  const noObject = (step: Json | undefined) =>
    step !== undefined && step !== null && (typeof step !== "object" || Array.isArray(step));
  const unreadable =
    odd.some((value) => value !== undefined && value !== null && typeof value !== "string") || steps.some(noObject);
  return unreadable ? "unreadableSource" : "missingKey";
}

/** The id that a new vault row of this wallet should get. */
function wantedId(wallet: ModelWallet): string {
  const own = at(wallet.metadata, ["private_key_vault_id"]);
  if (typeof own === "string" && own !== "") return own;
  return wallet.keyVaultId ? `vault-${wallet.keyVaultId}` : `vault-${wallet.id}`;
}

const lastResort = /^vault-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What a transfer of all `wallets` must lead to. */
export function expectationOf(wallets: readonly ModelWallet[], rules: Rules): Expectation {
  const concerned = wallets.filter(
    ({ type }) => rules.credentialTypes.length === 0 || rules.credentialTypes.includes(type),
  );
  const states = new Map(concerned.map((wallet) => [wallet.id, stateOf(wallet, rules)]));
  const taken = new Set(wallets.flatMap(({ vault }) => vault?.vaultId ?? []));
  const wanting = new Map<string, string[]>();
  for (const wallet of concerned) {
    if (states.get(wallet.id) !== "pending" || wallet.vault !== undefined || taken.has(wantedId(wallet))) continue;
    wanting.set(wantedId(wallet), [...(wanting.get(wantedId(wallet)) ?? []), wallet.id]);
  }

  const outcomes = new Map<string, Outcome>();
  const did = { transferred: 0, repaired: 0, flagsSet: 0, flagsCleared: 0, vaultIdsAssigned: 0, flagsWrongBefore: 0 };
  for (const wallet of wallets) {
    const state = states.get(wallet.id);
    const kept: Outcome = {
      touched: false,
      flag: wallet.flag,
      date: "as it was",
      key: wallet.vault?.key,
      ids: wallet.vault === undefined ? [] : [wallet.vault.vaultId],
    };
    const date = wallet.dated ? "as it was" : "now";
    if (state === "pending") {
      did.transferred += 1;
      did.flagsSet += wallet.flag === true ? 0 : 1;
      did.flagsWrongBefore += wallet.flag === true ? 1 : 0;
      if (wallet.vault !== undefined) did.repaired += 1;
      const wanted = wantedId(wallet);
      const ids = wallet.vault
        ? [wallet.vault.vaultId]
        : wanting.get(wanted)?.length === 1
          ? [wanted]
          : [...(wanting.has(wanted) ? [wanted] : []), lastResort];
      outcomes.set(wallet.id, { touched: true, flag: true, date, key: sources(wallet, rules)[0], ids });
      if (wallet.vault === undefined && taken.has(wanted)) did.vaultIdsAssigned += 1;
    } else if (state === "stored" && wallet.flag !== true) {
      did.flagsSet += 1;
      did.flagsWrongBefore += 1;
      outcomes.set(wallet.id, { ...kept, touched: true, flag: true, date });
    } else if (state !== undefined && wallet.flag === true && vaultKey(wallet, rules) === undefined) {
      did.flagsCleared += 1;
      did.flagsWrongBefore += 1;
      outcomes.set(wallet.id, { ...kept, touched: true, flag: false });
    } else outcomes.set(wallet.id, kept);
  }
  for (const rivals of wanting.values()) did.vaultIdsAssigned += rivals.length - 1;

  const count = (state: ModelState): number => [...states.values()].filter((one) => one === state).length;
  const before = {
    stored: count("stored"),
    pending: count("pending"),
    conflict: count("conflict"),
    ambiguousSource: count("ambiguousSource"),
    unreadableSource: count("unreadableSource"),
    missingKey: count("missingKey"),
  };
  const verified = concerned.filter(
    (wallet) => ["stored", "pending"].includes(states.get(wallet.id) ?? "") && sources(wallet, rules).length === 1,
  ).length;
  return {
    before,
    after: { ...before, stored: before.stored + before.pending, pending: 0 },
    outcomes,
    contested: wanting,
    counts: { ...did, credentials: concerned.length, verified },
  };
}
