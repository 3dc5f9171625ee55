import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";

const contentTypes: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

export interface PlainServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves `folder` to any host's name, which the development server does not, and passes token requests on. */
export async function servePlainly(folder: string, tokenEndpoint: string): Promise<PlainServer> {
  const answer = async (path: string): Promise<{ readonly type: string; readonly body: Buffer }> => {
    if (path === "/token") {
      const tokens = await fetch(tokenEndpoint, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"room_name":"plain"}',
      });
      return { type: "application/json", body: Buffer.from(await tokens.arrayBuffer()) };
    }
    const name = path === "/" ? "index.html" : path.slice(1);
    return { type: contentTypes[extname(name)] ?? "application/octet-stream", body: await readFile(join(folder, name)) };
  };
  const server = createServer((request, response) => {
    answer(new URL(request.url ?? "/", "http://plain").pathname).then(
      ({ type, body }) => response.writeHead(200, { "content-type": type }).end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
