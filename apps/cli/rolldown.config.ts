import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "rolldown";

const built = (specifier: string) => fileURLToPath(import.meta.resolve(specifier));
const besides = (specifier: string, path: string) => join(dirname(built(specifier)), path);

/**
 * One small entry and chunks that are loaded when a command needs them: a program of three hundred modules takes a third of a second to
 * find and read. What is native, or carries WebAssembly, stays a dependency.
 */
export default defineConfig({
  input: {
    bin: "src/bin.ts",
    // Programs of their own, found beside whoever starts them.
    "portaudio-child": besides("@roomtone/node-audio", "device/portaudio-child.js"),
    supervisor: besides("@roomtone/dev-server", "supervisor.js"),
  },
  platform: "node",
  external: ["@livekit/rtc-node", "@wasm-audio-decoders/flac", "mpg123-decoder", "opus-decoder"],
  plugins: [licences()],
  // None of ours, and none of what we bundle, does anything when imported that we could miss.
  treeshake: { moduleSideEffects: (id: string) => !/[\\/]node_modules[\\/](?:mediabunny|werift|@livekit|@bufbuild)[\\/]/.test(id) },
  output: {
    dir: "dist",
    format: "esm",
    entryFileNames: "[name].js",
    // A package's own name says more than that its file is called index.
    chunkFileNames: ({ facadeModuleId }) =>
      `${/packages[\\/]([\w-]+)[\\/]dist[\\/]index\.js$/.exec(facadeModuleId ?? "")?.[1] ?? "[name]"}.js`,
    minifyInternalExports: false,
    cleanDir: true,
    minify: { mangle: false, compress: false, codegen: true },
  },
});

/** Writes the licences of what is bundled into one file beside it. */
function licences(): Plugin {
  return {
    name: "licences",
    generateBundle(_options, bundle) {
      const folders = new Set<string>();
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== "chunk") continue;
        for (const id of chunk.moduleIds) {
          const folder = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/.exec(id.replace(/^\0/, ""))?.[0];
          if (folder) folders.add(folder);
        }
      }
      const texts = [...folders].sort().map((folder) => {
        const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
        const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|notice)/i.test(file));
        return `${name} ${version} (${license})\n\n${files.map((file) => readFileSync(join(folder, file), "utf8").trim()).join("\n\n")}`;
      });
      const source = `What this program contains besides Roomtone itself:\n\n${texts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
      this.emitFile({ type: "asset", fileName: "third-party-licences.txt", source });
    },
  };
}
