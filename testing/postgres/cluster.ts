import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { initdb, type NewCluster } from "./initdb";
import { copyTemplate, type Template } from "./template";

export interface Cluster extends NewCluster {
  /** Copied, instead of running initdb; its superuser and password are those of the cluster. */
  readonly template: Template | undefined;
  /** Lines put before those that initdb writes to pg_hba.conf. */
  readonly hba: readonly string[];
}

/** Makes a new data folder, `data` below the cluster's folder. Returns its path. */
export async function createCluster(cluster: Cluster): Promise<string> {
  const data = join(cluster.folder, "data");
  if (existsSync(data)) throw new Error(`There is a database in ${data} already. Choose another folder.`);
  if (cluster.template === undefined) await initdb(cluster, data);
  else await copyTemplate(cluster.template, cluster, data);
  if (cluster.hba.length > 0) {
    const file = join(data, "pg_hba.conf");
    writeFileSync(file, `${cluster.hba.join("\n")}\n${readFileSync(file, "utf8")}`);
  }
  return data;
}
