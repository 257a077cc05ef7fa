import type { Client } from "../../postgres/connection";
import { quoteLiteral } from "../../postgres/quote";
import type { Found } from "../finding";

interface Slot {
  readonly name: string;
  readonly type: string;
  readonly plugin: string | null;
}

/** Where WAL goes, in which every key stands that is written: archives, standbys, decoders. */
export async function wal(client: Client): Promise<Found[]> {
  // Whether a slot is in use changes from moment to moment, and would change the output.
  const { rows: slots } = await client.query<Slot>(
    `select s.slot_name::text as name, s.slot_type::text as type, s.plugin::text as plugin from pg_replication_slots s
      where not s.temporary and (s.database is null or s.database = current_database()) order by 1`,
  );
  const { rows } = await client.query<{ archives: boolean }>(
    "select current_setting('archive_mode') <> 'off' as archives",
  );
  return [...slots.map(slotFinding), ...(rows[0]?.archives ? [archivingFinding] : [])];
}

function slotFinding({ name, type, plugin }: Slot): Found {
  const logical = type === "logical";
  return {
    kind: "slot",
    object: name,
    detail: logical
      ? `A logical replication slot (${plugin ?? "no plugin"}): whoever reads it decodes the changes of this database.`
      : "A physical replication slot: a standby or a WAL receiver copies the whole server, with every key.",
    advice: `Look: select * from pg_replication_slots where slot_name = ${quoteLiteral(name)}; Drop it where nobody needs it: select pg_drop_replication_slot(${quoteLiteral(name)});`,
    copiesDuringRun: true,
  };
}

const archivingFinding: Found = {
  kind: "archiving",
  object: "archive_mode",
  detail:
    "WAL is archived: every key that is written goes to the archive, and can be restored from it until it expires.",
  advice: "Know who may read the archive and the base backups, that they are encrypted, and how long they are kept.",
  copiesDuringRun: true,
};
