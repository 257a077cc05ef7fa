import { formatNumber, plural } from "../../format";
import type { Wallets } from "../../key-transfer/wallets";
import type { Found } from "../finding";
import type { Shape } from "./value-shape";
import type { VaultRows } from "./vault-rows";
import type { WalletRows } from "./wallet-rows";

const secretNoMore =
  "Put it right, and move what those wallets hold to new ones: a key that could be read is not secret again.";

const haveTheir = (n: number): string => (n === 1 ? "1 wallet has its" : `${formatNumber(n)} wallets have their`);

/** What the rows say, as findings. Counts; of documents, words of ours only. */
export function rowFindings(wallets: Wallets, found: WalletRows, vault: VaultRows): Found[] {
  const credentials = `${wallets.schema}.${wallets.credentialsTable}`;
  const vaultTable = `${wallets.schema}.${wallets.vaultTable}`;
  const column = (table: string, rows: readonly { column: string; wallets: number }[]): Found[] =>
    rows
      .filter((one) => one.wallets > 0)
      .map((one) => ({
        kind: "keyInColumn",
        object: `${table}.${one.column}`,
        detail: `${haveTheir(one.wallets)} key, or a part of it, in this column, where everybody reads it who reads the column.`,
        advice: `The monitoring view hides such a wallet_address. ${secretNoMore}`,
      }));
  const when = (n: number, finding: Found): Found[] => (n === 0 ? [] : [finding]);
  const { elsewhere, inBoth, fieldNames, shared } = found;
  return [
    ...column(credentials, found.inColumns),
    ...column(vaultTable, vault.inColumns),
    ...when(elsewhere, {
      kind: "keyElsewhere",
      object: `${credentials}.metadata`,
      detail: `${haveTheir(elsewhere)} key in metadata also outside of the key paths.`,
      advice:
        "No key path leads to these copies, so whoever removes the keys at the key paths leaves them. Remove them as well.",
    }),
    ...when(inBoth, {
      kind: "keyInMetadata",
      object: `${credentials}.metadata`,
      detail: `${haveTheir(inBoth)} key in the vault and, the same, still at a key path.`,
      advice: "The transfer deletes no key. docs/after-the-transfer.md has the steps to remove the old copies.",
    }),
    ...when(shared.keys, {
      kind: "sharedKey",
      object: credentials,
      detail: `${plural(shared.keys, "key")} ${shared.keys === 1 ? "is" : "are"} the key of more than one wallet: ${formatNumber(shared.wallets)} wallets.`,
      advice:
        "One key may open wallets of several networks. Otherwise find out whose it is: who has one of these keys has all of these wallets.",
    }),
    ...fieldNames
      .filter((one) => one.wallets > 0)
      .map((one): Found => ({
        kind: "fieldName",
        object: `${credentials}.metadata`,
        detail: `${plural(one.wallets, "wallet")} ${one.wallets === 1 ? "has" : "have"} a field outside of the key paths whose name speaks of a ${one.word}.`,
        advice:
          "Look at a few of them: what makes the key, or unlocks it, is as good as the key. If it is another key, add its path to keyPaths.",
      })),
    ...protection(`${vaultTable}.encrypted_private_key`, vault.shapes, "in the vault"),
    ...protection(`${credentials}.metadata`, found.shapes, "at key paths, and not the same in the vault"),
    ...when(vault.overstated, {
      kind: "encryptionMethod",
      object: `${vaultTable}.encryption_method`,
      detail: `${plural(vault.overstated, "row")} of the vault ${vault.overstated === 1 ? "names" : "name"} an encryption method, but by its shape the value is a plain key.`,
      advice: "Do not count on this column. Encrypt the values in the application, or have the column say what is so.",
    }),
  ];
}

function protection(
  object: string,
  { sealed, plain, unknown }: Readonly<Record<Shape, number>>,
  where: string,
): Found[] {
  const values = sealed + plain + unknown;
  if (values === 0) return [];
  const counts = `${formatNumber(sealed)} look sealed, ${formatNumber(plain)} are plain keys by their shape, ${formatNumber(unknown)} cannot be told`;
  return [
    {
      kind: "protection",
      object,
      detail: `Of ${plural(values, "value")} ${where}, ${counts}.`,
      advice:
        plain > 0
          ? "Whoever reads a plain value has the wallet. Seal them in the application, with a key that is not in this database."
          : "A shape proves nothing: try with one value whether it opens only with the key that should open it.",
    },
  ];
}
