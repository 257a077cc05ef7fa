import { type Column, requireColumn, type Table } from "../../postgres/catalog/table";
import type { Client } from "../../postgres/connection";
import { WalletVaultError } from "../../postgres/errors";
import { quoteIdent, quoteQualified } from "../../postgres/quote";

const text = ["text", "character varying"];

interface IdFacts {
  /** A valid, non-partial unique index on id alone, in the column's own collation. */
  readonly unique: boolean;
  /** NOT NULL, also for rows older than the constraint. */
  readonly filled: boolean;
  /** Schema-qualified `=` of the id's type; null where it is one of pg_catalog. */
  readonly operator: string | null;
  /** SQL of the collation of id and of credential_id; null where the type has none. */
  readonly collation: string | null;
  readonly reference_collation: string | null;
  /** A collation of the two under which different texts may be equal. */
  readonly nondeterministic: string | null;
}

/**
 * Only `credential_id = id` links a vault row to its wallet. It must match one wallet, by an operator that our sessions see too:
 * their search path is pg_catalog alone.
 *
 * @throws WalletVaultError ERR_COLUMN_TYPE, ERR_TABLE_UNSUPPORTED
 */
export async function requireOneWalletPerId(client: Client, credentials: Table, vault: Table): Promise<void> {
  const id = requireColumn(credentials, "id");
  const reference = requireColumn(vault, "credential_id");
  requireSameType(credentials, id, vault, reference);
  const facts = await idFacts(client, credentials, vault);
  const where = `${credentials.schema}.${credentials.name}`;
  if (facts.operator !== null) {
    throw new WalletVaultError(
      "ERR_COLUMN_TYPE",
      `${where}.id has type ${id.type}, whose values are compared by ${facts.operator}, an operator of an extension or of your own.`,
      "This program runs code of pg_catalog only, and would compare ids by another rule or not at all; ids must be of a type of PostgreSQL's own (uuid, text, bigint, an enum).",
    );
  }
  requireSameCollation(facts, credentials, vault, reference);
  if (!facts.unique) {
    throw new WalletVaultError(
      "ERR_TABLE_UNSUPPORTED",
      `${where} has no primary key or unique index on id.`,
      "Without it two wallets could share an id, and a key could reach the wrong one; add PRIMARY KEY (id) first.",
    );
  }
  if (!facts.filled) {
    throw new WalletVaultError(
      "ERR_TABLE_UNSUPPORTED",
      `${where}.id may be null: a wallet without an id can have no vault row, and its key would stay where it is.`,
      `Give those wallets an id, then: alter table ${quoteQualified(credentials.schema, credentials.name)} alter column ${quoteIdent("id")} set not null;`,
    );
  }
}

function requireSameType(left: Table, id: Column, right: Table, reference: Column): void {
  const comparable = id.type === reference.type || (text.includes(id.type) && text.includes(reference.type));
  if (comparable) return;
  throw new WalletVaultError(
    "ERR_COLUMN_TYPE",
    `${left.name}.${id.name} is ${id.type}, but ${right.name}.${reference.name} is ${reference.type}.`,
    "They must have one type, or a vault row cannot be matched with its wallet.",
  );
}

function requireSameCollation(facts: IdFacts, credentials: Table, vault: Table, reference: Column): void {
  if (facts.nondeterministic !== null) {
    throw new WalletVaultError(
      "ERR_COLUMN_TYPE",
      `Ids of ${credentials.schema}.${credentials.name} or their references in ${vault.schema}.${vault.name} have collation ${facts.nondeterministic}, which takes different texts for equal.`,
      "Two wallets could be taken for one; give id and credential_id a deterministic collation.",
    );
  }
  if (facts.collation === facts.reference_collation) return;
  throw new WalletVaultError(
    "ERR_COLUMN_TYPE",
    `${credentials.schema}.${credentials.name}.id has collation ${facts.collation}, but ${vault.schema}.${vault.name}.credential_id has ${facts.reference_collation}: ` +
      "PostgreSQL refuses to compare the two (42P22), or does it without an index.",
    `Give both the same: alter table ${quoteQualified(vault.schema, vault.name)} alter column ${quoteIdent(reference.name)} type ${reference.type} collate ${facts.collation}; ` +
      "(policies and views that name the column have to be dropped before and made again).",
  );
}

async function idFacts(client: Client, credentials: Table, vault: Table): Promise<IdFacts> {
  const { rows } = await client.query<IdFacts>(
    `with recursive id as (
       select a.attrelid, a.attnum, a.attcollation, a.attnotnull, a.atttypid
         from pg_attribute a where a.attrelid = $1 and a.attname = 'id'
     ), reference as (
       select a.attcollation from pg_attribute a where a.attrelid = $2 and a.attname = 'credential_id'
     ), type as (
       select t.oid, t.typtype, t.typbasetype from pg_type t where t.oid = (select atttypid from id)
       union all
       select b.oid, b.typtype, b.typbasetype from type t join pg_type b on b.oid = t.typbasetype where t.typtype = 'd'
     )
     select exists (select from pg_index i
                     where i.indrelid = id.attrelid and i.indisunique and i.indisvalid and i.indnkeyatts = 1
                       and i.indpred is null and i.indkey[0] = id.attnum and i.indcollation[0] = id.attcollation) as unique,
            id.attnotnull and not exists (select from pg_constraint k
                     where k.conrelid = id.attrelid and k.contype = 'n' and k.conkey = array[id.attnum] and not k.convalidated) as filled,
            (select format('%I.=', n.nspname)
               from pg_opclass c
               join pg_am m on m.oid = c.opcmethod and m.amname = 'btree'
               join pg_amop o on o.amopfamily = c.opcfamily and o.amopstrategy = 3
                             and o.amoplefttype = c.opcintype and o.amoprighttype = c.opcintype
               join pg_operator p on p.oid = o.amopopr
               join pg_namespace n on n.oid = p.oprnamespace and n.nspname <> 'pg_catalog'
              where c.opcdefault and c.opcintype = (select t.oid from type t where t.typtype <> 'd') limit 1) as operator,
            (select ${nameOf} from pg_collation l join pg_namespace n on n.oid = l.collnamespace
              where l.oid = id.attcollation) as collation,
            (select ${nameOf} from pg_collation l join pg_namespace n on n.oid = l.collnamespace
              where l.oid = reference.attcollation) as reference_collation,
            (select ${nameOf} from pg_collation l join pg_namespace n on n.oid = l.collnamespace
              where l.oid in (id.attcollation, reference.attcollation) and not l.collisdeterministic limit 1) as nondeterministic
       from id, reference`,
    [credentials.oid, vault.oid],
  );
  const nothing = { operator: null, collation: null, reference_collation: null, nondeterministic: null };
  return rows[0] ?? { unique: false, filled: false, ...nothing };
}

const nameOf = "format('%I.%I', n.nspname, l.collname)";
