import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { releaseNatives } from "@roomtone/node-audio";
import { withShared } from "@roomtone/testing";

/** A server for the tests of a file. Returns how to reach it from within a test or a hook. */
export function withDevServer(start: () => Promise<DevServer> = startDevServer): () => DevServer {
  return withShared("server", start, async (server) => {
    await server.close();
    await releaseNatives();
  });
}
