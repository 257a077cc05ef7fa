import type * as pulumi from "@pulumi/pulumi";
import { fromProgramFolder } from "./program-folder";

/**
 * A dynamic provider whose methods only load a module and call it.
 *
 * Pulumi serialises a provider's code into the state. There, private fields, error subclasses and local imports break,
 * and every edit would show as a diff. This text is constant, whatever the module does; the module is loaded as it is
 * on disk, found from the folder of the program.
 *
 * @param module path of the module in this package, which is its path from the folder of this package's own program:
 *   `./components/view/operations.ts`
 */
export function dynamicProvider(module: string): pulumi.dynamic.ResourceProvider {
  const operations = fromProgramFolder(module);
  const load = () => {
    require("tsx/cjs");
    return require(require("node:path").resolve(operations));
  };
  return {
    async configure(request) {
      load().configure(request.config.require("databaseUrl"));
    },
    async check(olds, news) {
      return load().check(olds, news);
    },
    async diff(id, olds, news) {
      return load().diff(id, olds, news);
    },
    async create(inputs) {
      return load().create(inputs);
    },
    async read(id, props) {
      return load().read(id, props);
    },
    async update(id, olds, news) {
      return load().update(id, olds, news);
    },
    async delete(id, props) {
      return load().delete(id, props);
    },
  };
}
