import { defineConfig } from "vite";

export default defineConfig({
  // Wherever the files are served from.
  base: "./",
  build: {
    target: "es2022",
    // Inlined files would need a looser content security policy.
    assetsInlineLimit: 0,
    modulePreload: false,
    // The bundle holds livekit-client and what it brings: their licences go with it.
    license: { fileName: "licenses.md" },
    rolldownOptions: {
      output: { entryFileNames: "assets/[name].js", assetFileNames: "assets/[name][extname]" },
    },
    chunkSizeWarningLimit: 1_000,
  },
});
