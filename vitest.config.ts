import { defineConfig } from "vitest/config";

// The lane is chosen by file name: `x.test.ts` runs always, `x.faults.test.ts` and `x.slow.test.ts` in lanes of their own.
const lane = process.env["ROOMTONE_LANE"] ?? "default";
const include = {
  default: ["{src,test}/**/*.test.ts"],
  faults: ["{src,test}/**/*.faults.test.ts"],
  slow: ["{src,test}/**/*.slow.test.ts"],
}[lane];
if (!include) throw new Error(`unknown lane ${lane}`);
const exclude = lane === "default" ? ["**/*.faults.test.ts", "**/*.slow.test.ts"] : [];

export default defineConfig({
  test: {
    passWithNoTests: false,
    testTimeout: lane === "default" ? 30_000 : 600_000,
    hookTimeout: 120_000,
    projects: ["packages/core", "packages/node-audio", "packages/dev-server", "packages/testing", "packages/web-audio", "apps/cli"].map(
      (root) => ({ extends: true as const, root, test: { name: root.replace(/^.*\//, ""), include, exclude } }),
    ),
  },
});
