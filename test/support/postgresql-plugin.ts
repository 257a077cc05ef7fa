// A stand-in for Pulumi's plugin of @pulumi/postgresql, which is a download: the same resources, with SQL of its own.
import { appendFileSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { Client } from "pg";
import { forTypeScript } from "../../launcher/project-folder";

/** What it is told by its environment: where to connect, where to log, and what it may not do. */
export interface StandIn {
  readonly PLUGIN_URL: string;
  readonly PLUGIN_LOG: string;
  /** Types that it fails to create: `Role,Schema`. */
  readonly PLUGIN_FAILS: string;
}

/** Makes a folder for PATH with the stand-in in it. */
export function pluginFolder(): { readonly folder: string; readonly log: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "wallet-vault-plugin-"));
  const [program, log] = [join(folder, "pulumi-resource-postgresql"), join(folder, "log")];
  const command = [...forTypeScript, __filename].map((word) => JSON.stringify(word)).join(" ");
  writeFileSync(program, `#!/bin/sh\nexec node ${command} "$@"\n`);
  chmodSync(program, 0o755);
  writeFileSync(log, "");
  return { folder, log, remove: () => rmSync(folder, { recursive: true }) };
}

interface Inputs {
  readonly name: string;
  readonly role: string;
  readonly schema: string;
  readonly objectType: string;
  readonly objects: readonly string[];
}

/** One entry per resource type: what makes it, and what takes it away. */
const statements: Readonly<Record<string, (inputs: Inputs) => readonly [string, string]>> = {
  Role: ({ name }) => [`create role "${name}"`, `drop role "${name}"`],
  Schema: ({ name }) => [`create schema if not exists "${name}"`, `drop schema "${name}"`],
  Grant: ({ role, schema, objectType, objects }) => {
    const [what, on] =
      objectType === "schema" ? ["usage", `schema "${schema}"`] : ["select", `table "${schema}"."${objects[0]}"`];
    return [`grant ${what} on ${on} to "${role}"`, `revoke ${what} on ${on} from "${role}"`];
  },
};

async function work(doing: "create" | "delete", urn: string, inputs: Inputs): Promise<void> {
  const { PLUGIN_URL, PLUGIN_LOG, PLUGIN_FAILS } = process.env as unknown as StandIn;
  const type = /:(\w+)::[^:]+$/.exec(urn)?.[1] ?? "";
  appendFileSync(PLUGIN_LOG, `${doing} ${urn.split("::").at(-1)}\n`);
  if (doing === "create" && PLUGIN_FAILS.split(",").includes(type)) throw new Error(`the stand-in makes no ${type}`);
  const client = new Client({ connectionString: PLUGIN_URL });
  await client.connect();
  try {
    await client.query(statements[type]!(inputs)[doing === "create" ? 0 : 1]);
  } finally {
    await client.end();
  }
}

const standIn: pulumi.provider.Provider = {
  version: "3.18.1",
  check: async (_urn, _olds, inputs) => ({ inputs }),
  diff: async () => ({ changes: false }),
  create: async (urn, inputs) => {
    await work("create", urn, inputs);
    return { id: urn.split("::").at(-1)!, outs: inputs };
  },
  delete: (_id, urn, props) => work("delete", urn, props),
};

if (require.main === module) void pulumi.provider.main(standIn, process.argv.slice(2));
