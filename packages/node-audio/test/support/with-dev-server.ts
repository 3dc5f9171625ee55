import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { releaseNatives } from "@roomtone/node-audio";
import { afterAll, beforeAll } from "vitest";

/** A server for the tests of a file. Returns how to reach it from within a test. */
export function withDevServer(start: () => Promise<DevServer> = startDevServer): () => DevServer {
  let server: DevServer | undefined;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(async () => {
    await server?.close();
    await releaseNatives();
  });
  return () => {
    if (!server) throw new Error("the server is there within tests only");
    return server;
  };
}
