import { secp256k1 } from "./curves";
import { pureFunction, sessionFunction } from "./pure-function";

/** Hash of the name of a tagged hash, twice (BIP-340, BIP-341): SHA-256 of "TapTweak". */
const tapTweak = "e80fe1639c9ca050e3af1b39c143c63e429cbceb15d940fbb5c5a1f4af57c5e9".repeat(2);

/** Raised again, without a message: the database has a shortage, or somebody ends the session. Any other error is the text's. */
const passing = "^(40|53|54|55|57|58|72|XX)";

export const findings = [
  // The key behind a key, where the address is made with a second one: tweaked (BIP-86), or derived from a root (XRP Ledger).
  pureFunction(
    "second_scalar(form text, says text, scalar numeric, x numeric, y numeric)",
    "numeric",
    `
declare
  second numeric;
begin
  if form = 'p2tr' then
    second := pg_temp.wallet_vault_number(encode(sha256(decode('${tapTweak}' || pg_temp.wallet_vault_hex(x, 64), 'hex')), 'hex'));
    second := (second + case when y % 2 = 0 then scalar else ${secp256k1.order} - scalar end) % ${secp256k1.order};
  elsif form = 'xrp' and says = 'root' then
    second := pg_temp.wallet_vault_number(pg_temp.wallet_vault_xrp_scalar(pg_temp.wallet_vault_compressed(x, y) || '00000000'));
    second := (second + scalar) % ${secp256k1.order};
  end if;
  return nullif(second, 0);
end `,
  ),
  // Two elements a wallet: the finding, and the address that the key opens.
  sessionFunction(
    "judged(keys text[], addresses text[], networks text[], types text[])",
    "text[]",
    `
declare
  many int4 := coalesce(cardinality(keys), 0); judged text[] := array_fill('notDerivable'::text, array[2 * many]);
  parts text[] collate "C"; key_parts text[] collate "C"; found text collate "C"; twice bool := false; curve bool := false; edwards bool := false;
  forms text[] collate "C" := '{}'; prefixes text[] collate "C" := '{}'; payloads text[] collate "C" := '{}'; says text[] collate "C" := '{}';
  scalars numeric[] := array_fill(null::numeric, array[many]); seconds numeric[] := scalars; seeds text[] := array_fill(null::text, array[many]);
  points numeric[]; second_points numeric[]; seed_keys text[] := seeds; x numeric; y numeric;
begin
  for i in 1..many loop
    judged[2 * i] := null;
    parts := pg_temp.wallet_vault_address(addresses[i], networks[i], types[i]);
    if parts[1] = 'impossible' then judged[2 * i - 1] := 'addressImpossible'; end if;
    continue when parts[1] is null or parts[1] = 'impossible';
    key_parts := pg_temp.wallet_vault_key(keys[i], parts[1]);
    continue when key_parts is null;
    forms[i] := parts[1]; prefixes[i] := parts[2]; payloads[i] := parts[3];
    if key_parts[1] is not null then
      scalars[i] := pg_temp.wallet_vault_number(key_parts[1]);
      if scalars[i] not between 1 and ${secp256k1.order - 1n} then scalars[i] := null; else curve := true; end if;
    end if;
    seeds[i] := key_parts[2]; says[i] := key_parts[3];
    edwards := edwards or seeds[i] is not null;
  end loop;
  if edwards then seed_keys := pg_temp.wallet_vault_ed25519(seeds); end if;
  if curve then
    points := pg_temp.wallet_vault_secp256k1(scalars);
    for i in 1..many loop
      continue when scalars[i] is null;
      seconds[i] := pg_temp.wallet_vault_second_scalar(forms[i], says[i], scalars[i], points[2 * i - 1], points[2 * i]);
      twice := twice or seconds[i] is not null;
    end loop;
    if twice then second_points := pg_temp.wallet_vault_secp256k1(seconds); end if;
  end if;
  for i in 1..many loop
    x := points[2 * i - 1]; y := points[2 * i];
    if forms[i] = 'p2tr' or says[i] = 'root' then x := second_points[2 * i - 1]; y := second_points[2 * i]; end if;
    continue when x is null and seed_keys[i] is null;
    found := pg_temp.wallet_vault_payload(forms[i], prefixes[i], payloads[i], says[i], x, y, seed_keys[i]);
    if found = payloads[i] then
      judged[2 * i - 1] := 'proven';
    elsif prefixes[i] = 'short' then
      judged[2 * i - 1] := 'addressImpossible';
    else
      judged[2 * i - 1] := 'mismatch';
      judged[2 * i] := pg_temp.wallet_vault_written_address(forms[i], prefixes[i], found);
    end if;
  end loop;
  return judged;
end `,
  ),
  // Without an error, and so without a text of a wallet in one, whatever the texts are. One that has an error is not derivable.
  sessionFunction(
    "findings(keys text[], addresses text[], networks text[], types text[])",
    "table (n int4, finding text, opens text)",
    `
declare
  judged text[]; alone text[];
begin
  begin
    judged := pg_temp.wallet_vault_judged(keys, addresses, networks, types);
  exception when others then
    if sqlstate ~ '${passing}' then raise exception using errcode = sqlstate, message = 'deriving addresses was interrupted'; end if;
  end;
  for i in 1..coalesce(cardinality(keys), 0) loop
    n := i; finding := 'notDerivable'; opens := null;
    if judged is not null then
      finding := judged[2 * i - 1]; opens := judged[2 * i];
    else
      begin
        alone := pg_temp.wallet_vault_judged(keys[i:i], addresses[i:i], networks[i:i], types[i:i]);
        finding := alone[1]; opens := alone[2];
      exception when others then
        if sqlstate ~ '${passing}' then raise exception using errcode = sqlstate, message = 'deriving addresses was interrupted'; end if;
      end;
    end if;
    return next;
  end loop;
end `,
  ),
];
