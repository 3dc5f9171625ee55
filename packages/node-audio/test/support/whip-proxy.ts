import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it came. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly atMs: number;
  /** Of the answer, once there is one. */
  status: number | undefined;
}

/** What the proxy answers by itself. */
export interface CannedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface WhipProxyOptions {
  /** What happens instead of passing a request on; `silence` never answers. */
  readonly answer?: (request: SeenRequest, earlier: readonly SeenRequest[]) => CannedAnswer | "silence" | undefined;
  /** Changes the headers of the real server's answer to a POST. */
  readonly change?: (headers: Headers) => void;
  /** Changes the description in that answer. */
  readonly changeAnswer?: (sdp: string) => string;
  /** What goes to the real server as token, whatever the publisher sent. */
  readonly token?: () => Promise<string>;
  /** How long the real server's answer to a POST is held back. */
  readonly holdMs?: number;
}

/** A WHIP endpoint of its own address and ways, with a real server behind it. Media goes past it. */
export interface WhipProxy {
  /** The endpoint; anything else goes to the same path of the real server. */
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  seen(method: string): readonly SeenRequest[];
  close(): Promise<void>;
}

export async function openWhipProxy(target: string, options: WhipProxyOptions = {}): Promise<WhipProxy> {
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const { method = "", url = "", headers } = request;
    const seen: SeenRequest = { method, path: url, headers, body, atMs: performance.now(), status: undefined };
    const canned = options.answer?.(seen, [...requests]);
    requests.push(seen);
    if (canned === "silence") return;
    if (canned) {
      seen.status = canned.status;
      response.writeHead(canned.status, canned.headers).end(canned.body);
      return;
    }
    const authorization = options.token ? `Bearer ${await options.token()}` : headers.authorization;
    const passed = ["content-type", "if-match"].flatMap((name) =>
      typeof headers[name] === "string" ? [[name, headers[name]] as const] : [],
    );
    const answer = await fetch(new URL(url.startsWith("/ingest") ? "/whip/v1" : url, target), {
      method,
      headers: Object.fromEntries([...passed, ...(authorization ? [["authorization", authorization] as const] : [])]),
      ...(body === "" ? {} : { body }),
    });
    const received = await answer.text();
    const told = new Headers(answer.headers);
    told.delete("content-length");
    if (method === "POST") {
      options.change?.(told);
      await new Promise((resolve) => setTimeout(resolve, options.holdMs ?? 0));
    }
    seen.status = answer.status;
    response
      .writeHead(answer.status, Object.fromEntries(told))
      .end(method === "POST" ? (options.changeAnswer?.(received) ?? received) : received);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ingest`,
    requests,
    seen: (method) => requests.filter((request) => request.method === method),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
