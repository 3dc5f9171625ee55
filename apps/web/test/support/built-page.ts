import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { build } from "vite";

const contentTypes: Readonly<Record<string, string>> = { css: "text/css", js: "text/javascript", woff2: "font/woff2" };

const buildings = new Map<string, Promise<Map<string, Buffer>>>();

/** Opens the page of `test/page` that is called `name`, built from the studio's sources as they are shipped, for as long as its context lasts. */
export async function openBuiltPage(browser: Browser, name: string, context: BrowserContextOptions = {}): Promise<Page> {
  const building = buildings.get(name) ?? builtFiles(name);
  buildings.set(name, building);
  const files = await building;
  const styles = files.has(`${name}.css`) ? `<link rel="stylesheet" href="/${name}.css">` : "";
  const head = `<title>Test</title><meta name="viewport" content="width=device-width, initial-scale=1">${styles}`;
  const html = `<!doctype html><html lang="en">${head}<div id="studio"></div><script type="module" src="/${name}.js"></script>`;
  // Not by the browser's interception, which does not see what audio worklets load.
  const server = createServer(({ url = "/" }, response) => {
    const path = new URL(url, "http://localhost").pathname.slice(1);
    response.writeHead(200, { "content-type": contentTypes[path.split(".").at(-1) ?? ""] ?? "text/html" }).end(files.get(path) ?? html);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const page = await (await browser.newContext(context)).newPage();
  page.context().on("close", () => {
    server.closeAllConnections();
    server.close();
  });
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return page;
}

async function builtFiles(name: string): Promise<Map<string, Buffer>> {
  const built = await build({
    root: fileURLToPath(new URL("../..", import.meta.url)),
    configFile: false,
    publicDir: false,
    logLevel: "error",
    // As it is shipped: a test's environment would have JSX compiled for React's development build.
    define: { "process.env.NODE_ENV": '"production"' },
    oxc: { jsx: { development: false } },
    build: {
      write: false,
      minify: false,
      target: "es2022",
      modulePreload: false,
      assetsInlineLimit: 0,
      rolldownOptions: {
        input: fileURLToPath(new URL(`../page/${name}.tsx`, import.meta.url)),
        output: { entryFileNames: "[name].js", assetFileNames: "[name][extname]" },
        onLog: (level, log, report) => {
          // "use client" is for servers that render.
          if (log.code !== "MODULE_LEVEL_DIRECTIVE") report(level, log);
        },
      },
    },
  });
  const outputs = [built].flat().flatMap((one) => ("output" in one ? one.output : []));
  return new Map(outputs.map((file) => [file.fileName, Buffer.from(file.type === "chunk" ? file.code : file.source)]));
}
