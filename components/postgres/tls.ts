import { isIPv4 } from "node:net";
import { WalletVaultError } from "./errors";
import { refusedParameter } from "./url-parameters";

/** How a connection is protected on its way, and who decided it. */
export interface Tls {
  /** `no-verify`: encrypted, to whoever answers. */
  readonly mode: "disable" | "no-verify" | "verify-full";
  /** `default`: nobody said anything, so the host decided. */
  readonly saidBy: "databaseUrl" | "PGSSLMODE" | "default";
  /** `direct`: the handshake begins at once, without asking the server first. */
  readonly negotiation: "postgres" | "direct";
  readonly channelBinding: boolean;
  readonly rootCertificate: NamedFile | undefined;
  readonly certificate: NamedFile | undefined;
  readonly key: NamedFile | undefined;
}

export interface NamedFile {
  readonly path: string;
  /** Who named it: `sslrootcert in databaseUrl`, `PGSSLROOTCERT in the environment`. */
  readonly named: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Every mode that means TLS means to verify: one that falls back to plain text, or takes any certificate, protects nothing. */
const modes: Readonly<Record<string, Tls["mode"]>> = {
  disable: "disable",
  allow: "verify-full",
  prefer: "verify-full",
  require: "verify-full",
  "verify-ca": "verify-full",
  "verify-full": "verify-full",
  "no-verify": "no-verify",
};

/**
 * Decides how a connection is protected. databaseUrl is asked first, then PGSSLMODE, then the host: to this machine (a
 * socket, or a loopback address) plain text will do; to any other, TLS with verification is the default, and going
 * without it has to be said. A socket never takes TLS, as with libpq.
 *
 * @throws WalletVaultError ERR_CONFIGURATION
 */
export function tlsOf(url: URL, environment: Environment = process.env): Tls {
  const parameters = url.searchParams;
  const file = (name: string): NamedFile | undefined => {
    const variable = `PG${name.toUpperCase()}`;
    const path = parameters.get(name);
    if (path) return { path, named: `${name} in databaseUrl` };
    return environment[variable] ? { path: environment[variable], named: `${variable} in the environment` } : undefined;
  };
  const [mode, saidBy] = modeOf(url, environment);
  const tls: Tls = {
    mode,
    saidBy,
    negotiation: chosen(parameters, "sslnegotiation", ["postgres", "direct"]) ?? "postgres",
    channelBinding:
      (chosen(parameters, "channel_binding", ["disable", "prefer", "require"]) ?? "disable") !== "disable",
    rootCertificate: file("sslrootcert"),
    certificate: file("sslcert"),
    key: file("sslkey"),
  };
  if (mode !== "verify-full" && parameters.get("channel_binding") === "require") {
    throw refusedParameter(
      `databaseUrl asks for channel_binding=require, and TLS with verification is off (${mode}, said by ${saidBy}).`,
      "Say sslmode=verify-full, or leave channel_binding out.",
    );
  }
  // Without TLS there is nothing to negotiate.
  return mode === "disable" ? { ...tls, negotiation: "postgres", channelBinding: false } : tls;
}

function modeOf(url: URL, environment: Environment): [Tls["mode"], Tls["saidBy"]] {
  const parameters = url.searchParams;
  const host = hostOf(url, environment);
  const inUrl = chosen(parameters, "sslmode", Object.keys(modes)) ?? ofSsl(parameters);
  const variable = environment["PGSSLMODE"];
  if (host.startsWith("/")) return ["disable", "default"];
  if (inUrl !== undefined) return [modes[inUrl]!, "databaseUrl"];
  if (variable && modes[variable] === undefined) {
    throw new WalletVaultError(
      "ERR_CONFIGURATION",
      "PGSSLMODE in the environment has a value that is not known.",
      `Unset it, or set it to one of: ${Object.keys(modes).join(", ")}.`,
    );
  }
  if (variable) return [modes[variable]!, "PGSSLMODE"];
  if (["sslrootcert", "sslcert", "sslkey", "sslnegotiation"].some((name) => parameters.get(name))) {
    return ["verify-full", "databaseUrl"];
  }
  return [isThisMachine(host) ? "disable" : "verify-full", "default"];
}

/** node-postgres's own parameter, in the words of sslmode. */
function ofSsl(parameters: URLSearchParams): string | undefined {
  const ssl = chosen(parameters, "ssl", ["true", "1", "false", "0", "no-verify"]);
  if (ssl === undefined || ssl === "no-verify") return ssl;
  return ssl === "true" || ssl === "1" ? "verify-full" : "disable";
}

/** The value of a parameter, which is never repeated: only what is allowed is told. */
function chosen<T extends string>(parameters: URLSearchParams, name: string, allowed: readonly T[]): T | undefined {
  const value = parameters.get(name);
  if (value === null) return undefined;
  const known = allowed.find((one) => one === value);
  if (known !== undefined) return known;
  throw refusedParameter(
    `The parameter ${name} of databaseUrl has a value that is not known.`,
    `Allowed are: ${allowed.join(", ")}.`,
  );
}

/** Where a session goes, in the order of node-postgres. A host that begins with `/` is the folder of a socket. */
export function hostOf(url: URL, environment: Environment = process.env): string {
  const inUrl = decodeURIComponent(url.hostname).replace(/^\[(.+)\]$/, "$1");
  return url.searchParams.get("host") || inUrl || environment["PGHOST"] || "localhost";
}

/** By its name alone: what a resolver says of any other name is not to be trusted with a password. */
function isThisMachine(host: string): boolean {
  return host.toLowerCase() === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}
