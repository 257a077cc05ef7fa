import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { type ConnectionOptions, createSecureContext } from "node:tls";
import { systemCode, WalletVaultError } from "./errors";
import type { NamedFile, Tls } from "./tls";

/**
 * What node-postgres takes for TLS, with the files read and looked at: what is wrong with one of them would else come out
 * of the handshake, as if it were the server's fault.
 *
 * @throws WalletVaultError ERR_TLS
 */
export function tlsOptions({ mode, rootCertificate, certificate, key }: Tls): ConnectionOptions | false {
  if (mode === "disable") return false;
  const files = {
    ...(rootCertificate === undefined ? {} : { ca: authorities(rootCertificate) }),
    ...(certificate === undefined ? {} : { cert: contentOf(certificate) }),
    ...(key === undefined ? {} : { key: contentOf(key) }),
  };
  try {
    createSecureContext(files);
  } catch {
    const named = [certificate, key].filter((file) => file !== undefined).map(described);
    throw new WalletVaultError(
      "ERR_TLS",
      `The client certificate and its key cannot be used: ${named.join(", ")}.`,
      "Both have to be PEM files, the key without a passphrase and that of the certificate.",
    );
  }
  return { ...files, rejectUnauthorized: mode !== "no-verify" };
}

function authorities(file: NamedFile): string {
  const content = contentOf(file);
  try {
    void new X509Certificate(content);
    return content;
  } catch {
    throw new WalletVaultError(
      "ERR_TLS",
      `The file ${described(file)} holds no certificate.`,
      "It has to be a PEM file with the certificates of the authorities that are to be trusted.",
    );
  }
}

function contentOf(file: NamedFile): string {
  try {
    return readFileSync(file.path, "utf8");
  } catch (error) {
    const system = systemCode(error);
    throw new WalletVaultError(
      "ERR_TLS",
      `The file ${described(file)} cannot be read${system ? ` (${system})` : ""}.`,
      "Give its full path on the machine that runs Pulumi. Instead of sslrootcert=system, leave sslrootcert out: the authorities that Node.js knows are trusted then.",
    );
  }
}

const described = ({ path, named }: NamedFile): string => `${JSON.stringify(path)} (${named})`;
