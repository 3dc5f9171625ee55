import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { Lifetime } from "@roomtone/core";
import { build, type InlineConfig } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BrowserStage, heard } from "./browser-stage.js";
import { servePages } from "./page-server.js";
import { pageOfTheReadme, proveBundle } from "./readme-page.js";

const packageFolder = join(dirname(fileURLToPath(import.meta.url)), "..");

/** What `joinRoom` and `openMicrophone` may add to livekit-client: the browser's part, and core's session with it. See decision 0062. */
const LARGEST_OWN_BYTES = 9 * 1024;
const LARGEST_ALL_BYTES = 21 * 1024;

describe("a page built with Vite", () => {
  const lifetime = new Lifetime();
  let stage: BrowserStage;
  let folder: string;
  beforeAll(async () => {
    stage = lifetime.own(await BrowserStage.open(), (opened) => opened.close());
    // Inside the package, so that its own name resolves as it does for a user.
    folder = lifetime.own(await mkdtemp(join(packageFolder, "node_modules", ".bundled-")), (path) => rm(path, { recursive: true }));
  });
  afterAll(() => lifetime.close());

  it("joins, publishes and meters under the strict policy, the worklet in a file of its own", async () => {
    await mkdir(join(folder, "src"));
    await writeFile(join(folder, "index.html"), `<!doctype html><title>Built</title><script type="module" src="/src/main.js"></script>`);
    await writeFile(join(folder, "src/main.js"), pageOfTheReadme);
    await build({ ...quiet, root: folder, build: { outDir: join(folder, "dist"), emptyOutDir: true } });
    expect((await readdir(join(folder, "dist/assets"))).filter((name) => name.includes("worklet"))).toHaveLength(1);
    const pages = lifetime.own(await servePages([stage.server.url, stage.server.httpUrl], join(folder, "dist")), (opened) =>
      opened.close(),
    );
    const peer = await stage.peer("node", "vite");
    await proveBundle(stage, pages.origin, "vite");
    await heard(peer, "page", 440);
  });

  it("is small: joinRoom and openMicrophone leave recorder and meter out", async ({ annotate }) => {
    const code = await bundle(`export { joinRoom, openMicrophone } from "@roomtone/web-audio";`, ["livekit-client"]);
    const own = await bundle(`export { joinRoom, openMicrophone } from "@roomtone/web-audio";`, ["livekit-client", "@roomtone/core"]);
    expect(code).not.toMatch(/AudioWorkletNode|mediabunny|OggS/);
    await annotate(`gzipped beside livekit-client: ${gzipped(code)} bytes, ${gzipped(own)} of them this package's`);
    expect(gzipped(own)).toBeLessThan(LARGEST_OWN_BYTES);
    expect(gzipped(code)).toBeLessThan(LARGEST_ALL_BYTES);
  });

  it("is nothing at all where nothing is used", async () => {
    expect(
      await bundle(`import "@roomtone/web-audio"; import "@roomtone/web-audio/meter"; import "@roomtone/web-audio/recorder";`, []),
    ).toBe("");
  });
});

const quiet: InlineConfig = { configFile: false, logLevel: "error", publicDir: false };
const entry = "virtual:entry";

/** All code that `source` needs, minified, without what is `external`. */
async function bundle(source: string, external: readonly string[]): Promise<string> {
  const result = await build({
    ...quiet,
    root: packageFolder,
    plugins: [
      {
        name: "entry",
        enforce: "pre",
        // Vite's own helper for dynamic imports is there once in any page that has one.
        resolveId: (id) => (id === entry ? entry : id.includes("preload-helper") ? { id, external: true } : undefined),
        load: (id) => (id === entry ? source : undefined),
      },
    ],
    build: {
      write: false,
      minify: true,
      modulePreload: false,
      rolldownOptions: { input: entry, external: [...external], preserveEntrySignatures: "strict" },
    },
  });
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((one) => ("output" in one ? one.output : []));
  return outputs
    .map((file) => (file.type === "chunk" ? file.code.trim() : ""))
    .join("\n")
    .trim();
}

function gzipped(code: string): number {
  return gzipSync(code, { level: 9 }).length;
}
