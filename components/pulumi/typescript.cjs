// Loads TypeScript, and nothing else, through tsx: its hook for .js files reads the whole of Pulumi's SDK for syntax that
// Node.js may not know, which takes as long again as loading the SDK.
const { _extensions } = require("node:module");

const plain = _extensions[".js"];
require("tsx/cjs");
_extensions[".js"] = plain;
