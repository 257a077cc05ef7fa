import { pureFunction } from "../pure-function";

/** By what a network or a credential type is named. `evm` is last: it is the default that stands on wallets of all kinds. */
const families = {
  near: "near",
  solana: "solana|(^|[^a-z])sol([^a-z]|$)",
  stellar: "stellar|(^|[^a-z])xlm([^a-z]|$)",
  xrp: "xrp|ripple",
  sui: "(^|[^a-z])sui([^a-z]|$)",
  aptos: "aptos|(^|[^a-z])apt([^a-z]|$)",
  bitcoin: "bitcoin|(^|[^a-z])btc([^a-z]|$)",
  cosmos: "cosmos|osmosis|celestia|injective|(^|[^a-z])(atom|osmo|inj)([^a-z]|$)",
  evm: "ethereum|(^|[^a-z])(eth|evm|sepolia|holesky|goerli|polygon|arbitrum|optimism|avalanche|bsc|base)([^a-z]|$)",
} as const;

/** Names of networks that say nothing of the family. */
const general =
  "^ *(|main|test|dev|local|default|main *net|test *net|dev *net|local *net|production|staging|development) *$";

/**
 * The family that the network names, or else the credential type; null where neither does. A family other than `evm` goes before
 * it. A type is not asked for `evm` where the network is another one that is not known.
 */
export const hint = [
  pureFunction(
    "family_of(name text)",
    "text",
    `begin return case ${Object.entries(families)
      .map(([family, pattern]) => `when name ~ '${pattern}' then '${family}'`)
      .join(" ")} end; end `,
  ),
  pureFunction(
    "hint(network text, credential_type text)",
    "text",
    `
declare
  network_name text collate "C" := lower(coalesce(network, '') collate "C");
  type_name text collate "C" := lower(coalesce(credential_type, '') collate "C");
  by_network text collate "C" := pg_temp.wallet_vault_family_of(network_name);
  by_type text collate "C" := pg_temp.wallet_vault_family_of(type_name);
begin
  if by_network <> 'evm' then return by_network; end if;
  if by_type <> 'evm' or network_name ~ '${general}' then return coalesce(by_type, by_network); end if;
  return by_network;
end `,
  ),
];
