// Loaded into every Node process of a run of tests, where a module would take three times as long: notes each token and secret that
// @roomtone/dev-server makes there.
const { subscribe } = require("node:diagnostics_channel");

const path = process.env["ROOMTONE_MINTED_FILE"];
if (path) subscribe("roomtone:minted", (secret) => require("node:fs").appendFileSync(path, `${secret}\n`, { mode: 0o600 }));
