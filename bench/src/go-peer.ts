import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../peers/go/", import.meta.url));

/**
 * Builds the Go peer, in a second where it was built before; resolves with its path, or with the sentence that says why it cannot be
 * measured. libopus comes compiled with pion/mediadevices; the sound system's own library is loaded when it runs.
 */
export async function buildGoPeer(): Promise<{ readonly path: string } | { readonly missing: string }> {
  const folder = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "roomtone", "bench");
  await mkdir(folder, { recursive: true });
  const path = join(folder, process.platform === "win32" ? "go-peer.exe" : "go-peer");
  const child = spawn("go", ["build", "-o", path, "."], {
    cwd: source,
    env: { ...process.env, CGO_ENABLED: "1", GOFLAGS: "-mod=readonly" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  child.stderr.on("data", (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-2000);
  });
  const code = await once(child, "close").then(
    ([exitCode]) => exitCode as number,
    () => undefined,
  );
  if (code === 0) return { path };
  const why = code === undefined ? "there is no Go on PATH (install Go 1.24 or newer)" : "it needs a C compiler (install gcc) and Go 1.24";
  return { missing: `The Go peer is left out, because it does not build: ${why}.${output ? `\n${output.trim()}` : ""}` };
}
