import { readFileSync } from "node:fs";

/** Commands that make a stack, or encrypt the secrets of one anew. */
const encrypting = /^(new|stack (init|change-secrets-provider|select .*(--create|-c)( |$)))/;

/**
 * Why no stack should be made with these settings; undefined where nothing speaks against it. Pulumi takes an empty
 * file of PULUMI_CONFIG_PASSPHRASE_FILE for the empty passphrase: what it then encrypts, everybody can decrypt.
 *
 * @param args of the Pulumi CLI
 */
export function passphraseFault(args: readonly string[], environment = process.env): string | undefined {
  const file = environment["PULUMI_CONFIG_PASSPHRASE_FILE"];
  // The passphrase itself goes before the file, and another secrets provider asks for neither.
  if (!file || environment["PULUMI_CONFIG_PASSPHRASE"] !== undefined) return undefined;
  const words = args.filter((arg) => !arg.startsWith("-") || /^(--create|-c)$/.test(arg)).join(" ");
  const provider = /(?:^| )--secrets-provider[= ](\S+)/.exec(args.join(" "))?.[1] ?? "passphrase";
  if (!encrypting.test(words) || provider !== "passphrase") return undefined;
  const how = `Make it, and keep a copy elsewhere: (umask 077; openssl rand -base64 24 > ${JSON.stringify(file)})`;
  try {
    if (readFileSync(file, "utf8").trim() !== "") return undefined;
    return `The file ${JSON.stringify(file)} (PULUMI_CONFIG_PASSPHRASE_FILE) is empty, and an empty passphrase protects nothing. ${how}`;
  } catch {
    return `The file ${JSON.stringify(file)} (PULUMI_CONFIG_PASSPHRASE_FILE) cannot be read. ${how}`;
  }
}
