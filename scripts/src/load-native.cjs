// Loads one native library: `load-native.cjs PACKAGE_JSON NAME [FILE]`. In a process of its own, as it may crash.
const { createRequire } = require("node:module");
const { dirname, join } = require("node:path");

const [from = "", name = "", file] = process.argv.slice(2);
const requireFrom = createRequire(from);
requireFrom(file ? join(dirname(requireFrom.resolve(`${name}/package.json`)), file) : name);
process.exit(0);
