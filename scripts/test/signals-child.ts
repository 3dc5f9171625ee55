// Stands where the command line stands: tells each signal, and leaves when its input does.
import { followParent } from "../src/signals.ts";

followParent();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.stdout.write(`${signal}\n`));
process.stdin.once("data", (code) => process.exit(Number(code)));
process.stdout.write("ready\n");
