import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { tell } from "./step.ts";
import { root } from "./tool.ts";

/** Finds, builds or downloads livekit-server, so that no test and no command waits for it later. */
export async function prepareLiveKitServer(): Promise<void> {
  // Built only now: this file is older than what it loads.
  const { findLiveKitServer } = await import(pathToFileURL(join(root, "packages", "dev-server", "dist", "index.js")).href);
  const serverPath = process.env["LIVEKIT_SERVER_BIN"];
  const cacheHome = process.env["XDG_CACHE_HOME"];
  try {
    await findLiveKitServer({
      onProgress: tell,
      ...(serverPath ? { serverPath } : {}),
      ...(cacheHome ? { cacheFolder: join(cacheHome, "roomtone") } : {}),
    });
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
    process.exit(69);
  }
}
