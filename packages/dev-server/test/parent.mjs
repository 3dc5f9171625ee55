// A program with a dev server, for tests that end it: it tells what it has on stdout, and stays.
import { startDevServer } from "@roomtone/dev-server";

const server = await startDevServer();
process.stdout.write(`${JSON.stringify({ pid: server.pid, logPath: server.logPath })}\n`);
