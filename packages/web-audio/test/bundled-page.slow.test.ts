import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Lifetime } from "@roomtone/core";
import { build, type Rolldown } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BrowserStage, heard } from "./browser-stage.js";
import { servePages } from "./page-server.js";
import { pageOfTheReadme, proveBundle } from "./readme-page.js";

const packageFolder = join(dirname(fileURLToPath(import.meta.url)), "..");

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

  it("joins, publishes and meters under the strict policy, the worklet and the hidden page's clock in files of their own", async () => {
    await buildPage("dist");
    expect((await readdir(join(folder, "dist/assets"))).filter((name) => /meter-worklet|page-clock-worker/.test(name))).toHaveLength(2);
    await provePage("dist", "split");
  });

  it("does the same where everything but those two is one file", async () => {
    await buildPage("one", { codeSplitting: false });
    expect((await readdir(join(folder, "one/assets"))).filter((name) => name.endsWith(".js"))).toHaveLength(3);
    await provePage("one", "whole");
  });

  const buildPage = async (outDir: string, output: Rolldown.OutputOptions = {}) => {
    await mkdir(join(folder, "src"), { recursive: true });
    await writeFile(join(folder, "index.html"), `<!doctype html><title>Built</title><script type="module" src="/src/main.js"></script>`);
    await writeFile(join(folder, "src/main.js"), pageOfTheReadme);
    const options = { outDir: join(folder, outDir), emptyOutDir: true, rolldownOptions: { output } };
    await build({ configFile: false, logLevel: "error", publicDir: false, root: folder, build: options });
  };
  const provePage = async (outDir: string, room: string) => {
    const origins = [stage.server.url, stage.server.httpUrl];
    const pages = lifetime.own(await servePages(origins, join(folder, outDir)), (opened) => opened.close());
    const peer = await stage.peer("node", room);
    await proveBundle(stage, pages.origin, room);
    await heard(peer, "page", 440);
  };
});
