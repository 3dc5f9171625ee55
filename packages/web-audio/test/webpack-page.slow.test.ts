import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Lifetime } from "@roomtone/core";
import { afterAll, describe, it } from "vitest";
import webpack from "webpack";
import { BrowserStage, heard } from "./browser-stage.js";
import { servePages } from "./page-server.js";
import { pageOfTheReadme, proveBundle } from "./readme-page.js";

const packageFolder = join(dirname(fileURLToPath(import.meta.url)), "..");

describe("a page built with webpack", () => {
  const lifetime = new Lifetime();
  afterAll(() => lifetime.close());

  it("joins, publishes and meters under the strict policy", async () => {
    const stage = lifetime.own(await BrowserStage.open(), (opened) => opened.close());
    // Inside the package, so that its own name resolves as it does for a user.
    const folder = lifetime.own(await mkdtemp(join(packageFolder, "node_modules", ".bundled-")), (path) => rm(path, { recursive: true }));
    await mkdir(join(folder, "dist"));
    await writeFile(join(folder, "main.js"), pageOfTheReadme);
    await writeFile(join(folder, "dist/index.html"), `<!doctype html><title>Built</title><script src="/main.js"></script>`);
    await built({
      mode: "production",
      context: folder,
      entry: "./main.js",
      output: { path: join(folder, "dist"), publicPath: "/", trustedTypes: true },
    });
    const pages = lifetime.own(await servePages([stage.server.url, stage.server.httpUrl], join(folder, "dist")), (opened) =>
      opened.close(),
    );
    const peer = await stage.peer("node", "webpack");
    await proveBundle(stage, pages.origin, "webpack");
    await heard(peer, "page", 440);
  });
});

function built(configuration: webpack.Configuration): Promise<void> {
  return new Promise((resolve, reject) => {
    webpack(configuration, (error, stats) => {
      if (error) reject(error);
      else if (stats?.hasErrors()) reject(new Error(stats.toString("errors-only")));
      else resolve();
    });
  });
}
