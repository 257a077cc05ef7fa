import type { Major } from "./binaries";
import type { Primary } from "./standby";

export interface ServerOptions {
  /** Default: 18. */
  major?: Major;
  /** Settings as in postgresql.conf, given on the command line. They win over the defaults below. */
  settings?: Record<string, string>;
  /** Default: `postgres`. */
  superuser?: string;
  /** Default: a random one. */
  password?: string;
  /** Default: a new temporary folder. `remove()`, and the end of this process, delete it with all that is in it. */
  folder?: string;
  /** Further arguments of initdb. With any, or with a superuser or a password, it is no copy of a template of the tests. */
  initdb?: string[];
  /** Lines put before the default ones in pg_hba.conf. */
  hba?: string[];
  /** A server of the same major, stopped, whose data are copied and which is followed from then on. */
  standbyOf?: Primary;
}

export const defaultSettings: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  // In files of the data folder: nothing is left in /dev/shm after a crash, and small containers have little of it.
  dynamic_shared_memory_type: "mmap",
};
