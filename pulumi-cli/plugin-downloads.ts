import { connect } from "node:net";

/** Where the CLI gets provider plugins from when it finds none on this machine. */
const host = "get.pulumi.com";
const waitMs = 1_000;

/**
 * The setting that keeps the CLI from trying to download plugins where it cannot succeed. Every preview and update would
 * try again for @pulumi/postgresql, which only `monitoringReaders` needs: 2.5 s each time without a name server, and far
 * longer where packets are dropped. Where the network is open, behind a proxy, or if the variable is set already,
 * nothing is changed. `pulumi plugin install` works in any case.
 */
export async function pluginDownloadSettings(): Promise<Record<string, string>> {
  const decided = ["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "HTTPS_PROXY", "https_proxy"];
  if (decided.some((name) => process.env[name] !== undefined) || (await answers())) return {};
  return { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" };
}

function answers(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 443 });
    // Not the socket's own timeout: that one does not count the time for the name.
    const timer = setTimeout(() => finish(false), waitMs);
    const finish = (result: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", () => finish(true)).once("error", () => finish(false));
  });
}
