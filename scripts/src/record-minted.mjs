// Loaded into every Node process of a run of tests: notes each token and secret that @roomtone/dev-server makes there.
import { subscribe } from "node:diagnostics_channel";
import { appendFileSync } from "node:fs";

const path = process.env["ROOMTONE_MINTED_FILE"];
if (path) subscribe("roomtone:minted", (secret) => appendFileSync(path, `${secret}\n`, { mode: 0o600 }));
