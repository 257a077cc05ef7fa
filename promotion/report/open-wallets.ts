import { formatNumber } from "../../components/format";
import { countedAs, withoutCount } from "../../components/key-transfer/attention";
import { type Attention, openCounts } from "../../components/key-transfer/summary";
import { acceptedFor } from "../../components/receipt/accepted-attention";
import { stateWords } from "../../components/receipt/state-words";
import type { StageReport } from "../result";

/** Wallets that are not as they should be, some of them by their ids. */
export interface OpenWallets {
  readonly title: "What needs a person" | "What a person has accepted";
  readonly named: readonly (Pick<Attention, "credentialId" | "state" | "advice"> & { readonly label: string })[];
  /** `and 480 more: 478 missing key, 2 conflict`; empty where all are named. */
  readonly more: string;
}

/** First those that need a person, then those that a person has accepted (acceptAttention); neither where there are none. */
export function openWallets({ attention, states, identity, receipt }: StageReport): OpenWallets[] {
  const counts = states === null ? [] : openCounts({ states, identity });
  const accepted = counts.filter(([name, all]) => all > 0 && all <= acceptedFor(name, receipt?.accepted ?? []));
  const isThere = ([name]: readonly [string, number]) => accepted.some(([other]) => other === name);
  const group = (title: OpenWallets["title"], whose: boolean): OpenWallets => {
    const named = attention.filter((wallet) => isThere([countedAs(wallet), 0]) === whose);
    const left = counts
      .filter((each) => isThere(each) === whose)
      .map(([name, all]) => [name, all - named.filter((wallet) => countedAs(wallet) === name).length] as const)
      .filter(([, rest]) => rest > 0);
    const total = formatNumber(left.reduce((sum, [, rest]) => sum + rest, 0));
    const parts = left.map(([name, rest]) => `${formatNumber(rest)} ${labelOf(name)}`).join(", ");
    return {
      title,
      named: named.map((wallet) => ({
        ...wallet,
        label: labelOf(countedAs(wallet)),
        // The count is said below, of all of them.
        advice: withoutCount(wallet.advice),
      })),
      more: left.length === 0 ? "" : named.length === 0 ? parts : `and ${total} more: ${parts}`,
    };
  };
  return [group("What needs a person", false), group("What a person has accepted", true)].filter(
    ({ named, more }) => named.length > 0 || more !== "",
  );
}

/** Findings of a proof have no other words. */
const labelOf = (name: string): string =>
  name in stateWords ? stateWords[name as keyof typeof stateWords].label : name;
