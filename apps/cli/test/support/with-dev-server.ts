import { type DevServer, type DevServerOptions, startDevServer } from "@roomtone/dev-server";
import { withShared } from "@roomtone/testing";

/** A server for the tests of a file. Returns how to reach it from within a test or a hook. */
export function withDevServer(options: DevServerOptions = {}): () => DevServer {
  return withShared(
    "server",
    () => startDevServer(options),
    (server) => server.close(),
  );
}
