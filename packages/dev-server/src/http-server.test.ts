import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TokenVerifier } from "livekit-server-sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HttpServer, startHttpServer } from "./http-server.js";
import { createServerKeys } from "./server-keys.js";

const keys = createServerKeys();
const verifier = new TokenVerifier(keys.apiKey, keys.apiSecret);
const allowed = "http://studio.example:5173";
const defaults = {
  host: "127.0.0.1",
  port: 0,
  keys,
  liveKitUrl: "ws://127.0.0.1:7880",
  defaultRoomName: "hall",
  allowedOrigins: [],
  listenPage: undefined,
};
const largeScript = "export {};\n".repeat(1_000);
let folder: string;
let server: HttpServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "roomtone-page-"));
  const listenPage = join(folder, "page");
  await mkdir(join(listenPage, "assets"), { recursive: true });
  await writeFile(join(listenPage, "index.html"), "<title>Room</title>");
  await writeFile(join(listenPage, "assets", "page.js"), "export {};");
  await writeFile(join(listenPage, "assets", "large.js"), largeScript);
  await writeFile(join(listenPage, ".env"), "secret");
  await writeFile(join(folder, "outside.txt"), "outside");
  await symlink(join(folder, "outside.txt"), join(listenPage, "link.txt"));
  server = await startHttpServer({ ...defaults, allowedOrigins: [allowed], listenPage, bodyWithinMs: 300 });
});
afterAll(async () => {
  await server.close();
  await server.close();
  await rm(folder, { recursive: true });
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

/** A request as it is written, path and headers included: `fetch` would tidy both. */
function ask(path: string, options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request(
      { host: "127.0.0.1", port: server.port, path, method: options.method ?? "GET", headers: options.headers ?? {}, agent: false },
      (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text: string) => {
          body += text;
        });
        response.once("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
      },
    );
    asking.once("error", reject);
    asking.end(options.body);
  });
}

const json = { "content-type": "application/json" };
const askToken = (body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  ask("/token", { method: "POST", headers: { ...json, ...headers }, body: typeof body === "string" ? body : JSON.stringify(body) });

describe("the token endpoint", () => {
  it("answers LiveKit's standard request with its standard response", async () => {
    const answer = await askToken({
      room_name: "studio",
      participant_identity: "ann",
      participant_name: "Ann",
      participant_metadata: "notes",
      participant_attributes: { mood: "fine" },
      room_config: { empty_timeout: 5 },
      a_field_of_tomorrow: true,
    });
    expect(answer.status).toBe(201);
    expect(answer.headers["cache-control"]).toBe("no-store");
    const { server_url, participant_token } = JSON.parse(answer.body);
    expect(server_url).toBe("ws://127.0.0.1:7880");
    const claims = await verifier.verify(participant_token);
    expect(claims).toMatchObject({
      sub: "ann",
      name: "Ann",
      metadata: "notes",
      attributes: { mood: "fine" },
      roomConfig: { empty_timeout: 5 },
    });
    // Nothing of the server's administration, for one room, and soon over.
    expect(claims.video).toEqual({ roomJoin: true, room: "studio", canPublish: true, canSubscribe: true, canPublishData: true });
    expect(((claims as { exp?: number }).exp ?? Number.POSITIVE_INFINITY) - Date.now() / 1000).toBeLessThanOrEqual(600);
  });

  it("gives who names nothing the default room and an identity of their own", async () => {
    const tokens = await Promise.all(["", "{}", { participant_identity: null }].map(askToken as (body: unknown) => Promise<Answer>));
    const claims = await Promise.all(tokens.map(async ({ body }) => verifier.verify(JSON.parse(body).participant_token)));
    expect(claims.map(({ video }) => video?.room)).toEqual(["hall", "hall", "hall"]);
    expect(new Set(claims.map(({ sub }) => sub)).size).toBe(3);
  });

  it.each([
    ["{", "JSON object"],
    ["[]", "JSON object"],
    ["null", "JSON object"],
    [{ room_name: 7 }, "room_name must be a string"],
    [{ room_name: "x".repeat(300) }, "longer than 256"],
    [{ participant_identity: "a\u0007b" }, "control characters"],
    [{ participant_attributes: { a: 1 } }, "object of strings"],
    [{ participant_attributes: ["a"] }, "object of strings"],
    [{ room_config: "x" }, "room_config must be an object"],
  ] as [body: unknown, sentence: string][])("refuses garbage with a sentence: $1", async (body, sentence) => {
    const answer = await askToken(body);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body).error).toContain(sentence);
    expect(answer.body).not.toContain(keys.apiSecret);
  });

  it("refuses a body that is too large, not UTF-8, not JSON by type, or asked for in another way", async () => {
    expect((await askToken(`{"room_name":"${"x".repeat(70_000)}"}`)).status).toBe(413);
    expect((await ask("/token", { method: "POST", headers: json, body: Buffer.from([0x22, 0xff, 0x22]) })).status).toBe(400);
    expect((await ask("/token", { method: "POST", headers: { "content-type": "text/plain" }, body: "{}" })).status).toBe(415);
    expect((await ask("/token", { method: "POST", body: "{}" })).status).toBe(415);
    const get = await ask("/token");
    expect([get.status, get.headers["allow"]]).toEqual([405, "POST, OPTIONS"]);
  });

  it("gives no more tokens at once than a fleet needs, and says when to ask again", async () => {
    const other = await startHttpServer(defaults);
    const answers: Response[] = [];
    for (let batch = 0; batch < 12; batch += 1) {
      const asked = Array.from({ length: 100 }, () =>
        fetch(`http://127.0.0.1:${other.port}/token`, { method: "POST", headers: json, body: "{}" }),
      );
      answers.push(...(await Promise.all(asked)));
    }
    await other.close();
    const given = answers.filter(({ status }) => status === 201).length;
    expect(given).toBeGreaterThanOrEqual(500);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(new Set(refused.map(({ headers }) => headers.get("retry-after")))).toEqual(new Set(["1"]));
    expect(given + refused.length).toBe(1200);
  });

  it("does not wait for a body that never ends", async () => {
    const socket = connect(server.port, "127.0.0.1");
    socket.write(`POST /token HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{`);
    let answer = "";
    for await (const chunk of socket.setEncoding("utf8")) answer += chunk;
    expect(answer).toMatch(/^HTTP\/1\.1 408/);
  });
});

describe("strangers' pages", () => {
  it("are refused when they come by a name of their own", async () => {
    for (const host of ["evil.example", `evil.example:${server.port}`, "127.0.0.1:1"]) {
      expect((await ask("/token", { method: "POST", headers: { ...json, host }, body: "{}" })).status).toBe(421);
      expect((await ask("/", { headers: { host } })).status).toBe(421);
    }
    expect((await askToken({}, { host: `localhost:${server.port}` })).status).toBe(201);
  });

  it("are refused by their origin, unless it is allowed", async () => {
    for (const origin of ["http://evil.example", "null", `https://127.0.0.1:${server.port}`, "http://127.0.0.1:1"]) {
      const answer = await askToken({}, { origin });
      expect(answer.status).toBe(403);
      expect(answer.body).not.toContain("eyJ");
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    }
    expect((await askToken({}, { origin: `http://127.0.0.1:${server.port}` })).status).toBe(201);
    const answer = await askToken({}, { origin: allowed });
    expect([answer.status, answer.headers["access-control-allow-origin"]]).toEqual([201, allowed]);
  });

  it("may ask beforehand only where they are allowed", async () => {
    const ahead = (origin: string): Promise<Answer> =>
      ask("/token", { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });
    expect((await ahead("http://evil.example")).status).toBe(403);
    const answer = await ahead(allowed);
    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject({ "access-control-allow-origin": allowed, "access-control-allow-headers": "content-type" });
  });
});

describe("the page", () => {
  it("is served with a policy that allows its own files and the server alone", async () => {
    const index = await ask("/?room=hall");
    expect([index.status, index.headers["content-type"], index.body]).toEqual([200, "text/html; charset=utf-8", "<title>Room</title>"]);
    const policy = String(index.headers["content-security-policy"]);
    expect(policy).toContain("connect-src 'self' ws://127.0.0.1:7880 http://127.0.0.1:7880");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    const file = await ask("/assets/page.js");
    expect([file.status, file.headers["content-type"], file.headers["x-content-type-options"]]).toEqual([
      200,
      "text/javascript; charset=utf-8",
      "nosniff",
    ]);
    expect((await ask("/", { method: "HEAD" })).body).toBe("");
    expect((await ask("/", { method: "DELETE" })).status).toBe(405);
  });

  it("comes compressed to who takes that, and plainly to who does not", async () => {
    const address = `http://127.0.0.1:${server.port}/assets/large.js`;
    const lengthFor = async (acceptEncoding: string) => {
      const answer = await fetch(address, { headers: { "accept-encoding": acceptEncoding } });
      expect(await answer.text()).toBe(largeScript);
      expect(answer.headers.get("vary")).toContain("Accept-Encoding");
      return [answer.headers.get("content-encoding"), Number(answer.headers.get("content-length"))] as const;
    };
    for (const acceptEncoding of ["gzip", "br, gzip;q=0.8"]) {
      const [encoding, lengthBytes] = await lengthFor(acceptEncoding);
      expect(encoding).toBe("gzip");
      expect(lengthBytes).toBeLessThan(largeScript.length / 10);
    }
    for (const acceptEncoding of ["identity", "br", "gzip;q=0, br"]) {
      expect(await lengthFor(acceptEncoding)).toEqual([null, largeScript.length]);
    }
  });

  it("may also speak to the LiveKit server that its address names, and to nothing else that stands there", async () => {
    const policyAt = async (url: string) => String((await ask(`/?url=${encodeURIComponent(url)}`)).headers["content-security-policy"]);
    const own = "connect-src 'self' ws://127.0.0.1:7880 http://127.0.0.1:7880";
    expect(await policyAt("wss://live.example.com:7443/path?key=rtsecret_1")).toContain(
      `${own} wss://live.example.com:7443 https://live.example.com:7443;`,
    );
    expect(await policyAt("wss://mine.livekit.cloud")).toContain(`${own} wss://*.livekit.cloud https://*.livekit.cloud;`);
    for (const other of [
      "https://example.com",
      "wss://*",
      "wss://a;script-src *",
      "wss://a, *",
      "data:x",
      "wss://[::1]",
      "\r\nX: y",
      "*",
    ]) {
      expect(await policyAt(other)).toContain(`${own};`);
    }
  });

  it.each([
    "/../outside.txt",
    "/assets/../../outside.txt",
    "/%2e%2e/outside.txt",
    "/..%2foutside.txt",
    "/assets\\..\\..\\outside.txt",
    "/link.txt",
    "/.env",
    "//outside.txt",
    "/index.html%00.js",
    "/assets",
    "/nowhere",
  ])("does not serve %s", async (path) => {
    const answer = await ask(path);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain("outside\n");
  });

  it("says so when its folder does not exist", async () => {
    const starting = startHttpServer({ ...defaults, listenPage: join(folder, "nowhere") });
    await expect(starting).rejects.toMatchObject({ code: "usage", message: expect.stringContaining("nowhere") });
  });
});

it("says so when its port is taken", async () => {
  await expect(startHttpServer({ ...defaults, port: server.port })).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining("taken by another program"),
  });
});
