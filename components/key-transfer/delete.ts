import { withClient } from "../postgres/connection";

/**
 * Changes nothing: a key that is in the vault stays there, and a flag that says so stays true. It opens a session all the same:
 * a `destroy` begins with the transfer, and a database that cannot be reached then stops it before anything is forgotten.
 */
export function deleteTransfer(databaseUrl: string): Promise<void> {
  const session = { purpose: "looking whether the database is there", readOnly: true };
  return withClient(databaseUrl, session, async () => {});
}
