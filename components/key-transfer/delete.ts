import { withClient } from "../postgres/connection";
import type { Report } from "../postgres/report";

/**
 * Changes nothing: a key that is in the vault stays there, and a flag that says so stays true. It opens a session all the same:
 * a `destroy` begins with the transfer, and a database that cannot be reached then stops it before anything is forgotten.
 */
export async function deleteTransfer(databaseUrl: string, report: Report): Promise<void> {
  const session = { purpose: "looking whether the database is there", readOnly: true };
  await withClient(databaseUrl, session, async () => {});
  report("every key stays where it is, in the vault and in metadata, and every flag as it is");
}
