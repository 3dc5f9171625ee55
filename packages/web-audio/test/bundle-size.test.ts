import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { describe, expect, it } from "vitest";

const packageFolder = join(dirname(fileURLToPath(import.meta.url)), "..");
const entry = "virtual:page";

/** What `joinRoom` and `openMicrophone` add to livekit-client, gzipped: before the first join, and in all. See decision 0062. */
const LARGEST_START_BYTES = 10 * 1024;
const LARGEST_SUM_BYTES = 23_700;
/** The same, and livekit-client. */
const LARGEST_PAGE_BYTES = 163_800;

const page = `
import { joinRoom, openMicrophone } from "@roomtone/web-audio";
globalThis.start = async (credentials) => (await joinRoom(credentials)).publish(await openMicrophone());
`;

describe("what a page loads", () => {
  it("is small, and smaller still until the page joins a room", async ({ annotate }) => {
    const chunks = await bundled(page, ["livekit-client"]);
    const start = startOf(chunks);
    const [startBytes, sumBytes] = [gzippedBytes(start), gzippedBytes(chunks)];
    await annotate(`gzipped beside livekit-client: ${startBytes} bytes before the first join, ${sumBytes} in all`);
    expect(startBytes).toBeLessThan(LARGEST_START_BYTES);
    expect(sumBytes).toBeLessThan(LARGEST_SUM_BYTES);
    expect(codeOf(start)).toMatch(/getUserMedia/);
    expect(codeOf(start)).not.toMatch(/reconnectPolicy/);
    expect(codeOf(chunks)).toMatch(/reconnectPolicy/);
    expect(codeOf(chunks)).not.toMatch(/AudioWorkletNode|mediabunny|OggS/);
  });

  it("has of livekit-client only what is used", async ({ annotate }) => {
    const pageBytes = gzippedBytes(await bundled(page, []));
    await annotate(`gzipped with livekit-client: ${pageBytes} bytes`);
    expect(pageBytes).toBeLessThan(LARGEST_PAGE_BYTES);
  });

  it("is one file where the bundler makes one of it", async () => {
    const chunks = await bundled(page, ["livekit-client"], { codeSplitting: false });
    expect(chunks).toHaveLength(1);
    expect(codeOf(chunks)).toMatch(/getUserMedia/);
    expect(codeOf(chunks)).toMatch(/reconnectPolicy/);
  });

  it("is nothing at all where nothing is used", async () => {
    const chunks = await bundled(
      `import "@roomtone/web-audio"; import "@roomtone/web-audio/meter"; import "@roomtone/web-audio/recorder";`,
      [],
    );
    expect(codeOf(chunks)).toBe("");
  });
});

/** The chunks that a page of `source` is built into, minified, without what is `external`. */
async function bundled(
  source: string,
  external: readonly string[],
  output: Rolldown.OutputOptions = {},
): Promise<readonly Rolldown.OutputChunk[]> {
  const result = await build({
    configFile: false,
    logLevel: "error",
    publicDir: false,
    root: packageFolder,
    plugins: [
      {
        name: "page",
        enforce: "pre",
        // Vite's own helper for dynamic imports is there once in any page that has one.
        resolveId: (id) => (id === entry ? entry : id.includes("preload-helper") ? { id, external: true } : undefined),
        load: (id) => (id === entry ? source : undefined),
      },
    ],
    build: { write: false, minify: true, modulePreload: false, rolldownOptions: { input: entry, external: [...external], output } },
  });
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((one) => ("output" in one ? one.output : []));
  return outputs.filter((file) => file.type === "chunk");
}

/** The entry, and whatever it imports before it runs. */
function startOf(chunks: readonly Rolldown.OutputChunk[]): readonly Rolldown.OutputChunk[] {
  const start = new Set(chunks.filter((chunk) => chunk.isEntry));
  for (const { imports } of start) for (const chunk of chunks) if (imports.includes(chunk.fileName)) start.add(chunk);
  return [...start];
}

function codeOf(chunks: readonly Rolldown.OutputChunk[]): string {
  return chunks
    .map(({ code }) => code)
    .join("\n")
    .trim();
}

/** As it travels: each chunk by itself. */
function gzippedBytes(chunks: readonly Rolldown.OutputChunk[]): number {
  return chunks.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0);
}
