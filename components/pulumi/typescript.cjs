// Loads TypeScript, and nothing else, through tsx: its hook for .js files reads the whole of Pulumi's SDK for syntax that
// Node.js may not know, which takes as long again as loading the SDK.
const { _extensions, createRequire } = require("node:module");

const plain = _extensions[".js"];
require("tsx/cjs");
_extensions[".js"] = plain;

// npm's own reader of dependencies is a third of what the SDK loads. The SDK uses it for functions that are sent to a
// cloud: it is loaded when there is one.
try {
  const reader = createRequire(require.resolve("@pulumi/pulumi")).resolve("@npmcli/arborist");
  const Arborist = function (options) {
    delete require.cache[reader];
    return new (require(reader).Arborist)(options);
  };
  require.cache[reader] = { id: reader, filename: reader, loaded: true, exports: { Arborist } };
} catch {
  // An SDK without it, or none.
}
