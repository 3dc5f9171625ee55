import { defineConfig } from "vite";

export default defineConfig({
  // Wherever the files are served from.
  base: "./",
  build: {
    target: "es2022",
    // Inlined files would need a looser content security policy.
    assetsInlineLimit: 0,
    modulePreload: false,
    // The bundle holds other people's work: their licences go with it.
    license: { fileName: "licenses.md" },
    rolldownOptions: {
      onLog(level, log, report) {
        // "use client" is for servers that render.
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") report(level, log);
      },
      output: { entryFileNames: "assets/[name].js", chunkFileNames: "assets/[name]-[hash].js", assetFileNames: "assets/[name][extname]" },
    },
    chunkSizeWarningLimit: 1_000,
  },
});
