import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { queryObjects } from "node:v8";
import { dispose, Room } from "@livekit/rtc-node";
import { createAccessToken, type DevServer, startDevServer } from "@roomtone/dev-server";
import { afterAll, afterEach, describe, expect, it } from "vitest";

const opened: DevServer[] = [];
async function start(options: Parameters<typeof startDevServer>[0] = {}): Promise<DevServer> {
  const server = await startDevServer(options);
  opened.push(server);
  return server;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});
afterAll(() => dispose());

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // An orphan that has ended waits, as a zombie, for the system's first process to take note.
    return process.platform !== "linux" || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** 127.0.0.1 as Linux writes it. */
const LOOPBACK = "0100007F";

/** Every socket of this machine that anybody could reach: TCP that listens, and UDP. */
async function openSockets(): Promise<{ address: string; port: number; inode: string }[]> {
  const tables = await Promise.all(["tcp", "tcp6", "udp", "udp6"].map((name) => readFile(`/proc/net/${name}`, "utf8").catch(() => "")));
  return tables.flatMap((table) =>
    table
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state]) => state === "0A" || state === "07")
      .map(([, local = "", , , , , , , , inode = ""]) => {
        const [address = "", port = ""] = local.split(":");
        return { address, port: Number.parseInt(port, 16), inode };
      }),
  );
}

async function socketInodes(pid: number): Promise<ReadonlySet<string>> {
  const links = await Promise.all(
    (await readdir(`/proc/${pid}/fd`)).map((descriptor) => readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => "")),
  );
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
}

/** Waits for a condition of another process, which sends no event. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(10);
}

/** What the server says of a token, without joining. */
async function validate(server: DevServer, token: string): Promise<number> {
  return (await fetch(`${server.httpUrl}/rtc/validate`, { headers: { authorization: `Bearer ${token}` } })).status;
}

async function joinHall(server: DevServer, identity: string): Promise<Room> {
  const room = new Room();
  await room.connect(server.url, await server.createToken({ identity, roomName: "hall" }), { autoSubscribe: false, dynacast: false });
  return room;
}

describe("a dev server", () => {
  it("answers, and accepts its own tokens only", async () => {
    const [server, other] = await Promise.all([start(), start()]);
    expect(await (await fetch(server.httpUrl)).text()).toBe("OK");
    const response = await fetch(server.tokenEndpoint, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
    const { server_url, participant_token } = (await response.json()) as { server_url: string; participant_token: string };
    expect(server_url).toBe(server.url);
    expect(await validate(server, participant_token)).toBe(200);
    expect(await validate(server, await server.createToken({ identity: "ann", roomName: "hall" }))).toBe(200);
    expect(await validate(other, participant_token)).toBe(401);
    const ports = [server, other].flatMap((one) => [one.ports.http, one.ports.udp]);
    expect(new Set(ports).size).toBe(4);
  });

  it("keeps nothing of the signals that it has sent", async () => {
    const server = await start();
    const before = queryObjects(Promise, { format: "count" });
    for (let signal = 0; signal < 50; signal += 1) await server.signal("SIGCONT");
    expect(queryObjects(Promise, { format: "count" }) - before).toBeLessThan(25);
  });

  it("lets participants in whose room is configured by the token", async () => {
    const server = await start();
    const body = JSON.stringify({ room_name: "hall", room_config: { max_participants: 1, metadata: "from the token" } });
    const response = await fetch(server.tokenEndpoint, { method: "POST", headers: { "content-type": "application/json" }, body });
    const { participant_token } = (await response.json()) as { participant_token: string };
    const room = new Room();
    await room.connect(server.url, participant_token, { autoSubscribe: false, dynacast: false });
    expect(room.metadata).toBe("from the token");
    await room.disconnect();
  });

  it("keeps its secret out of arguments, environments and files", async () => {
    const server = await start();
    const folder = dirname(server.logPath);
    expect(await readdir(folder)).toEqual(["livekit-server.log"]);
    expect(await readFile(server.logPath, "utf8")).not.toContain(server.apiSecret);
    if (process.platform !== "linux") return;
    const parent = /^PPid:\s+(\d+)/m.exec(await readFile(`/proc/${server.pid}/status`, "utf8"))?.[1];
    for (const pid of [server.pid, parent]) {
      for (const file of ["cmdline", "environ"]) {
        const text = await readFile(`/proc/${pid}/${file}`, "utf8");
        expect(text).not.toContain(server.apiSecret);
        expect(text).not.toContain(server.apiKey);
      }
      expect(await readFile(`/proc/${pid}/environ`, "utf8")).not.toContain("PATH=");
    }
  });

  it("leaves nothing when it closes, twice, with participants in the room", async () => {
    const server = await startDevServer();
    const room = await joinHall(server, "ann");
    const { pid, logPath } = server;
    const told = once(room as unknown as NodeJS.EventEmitter, "disconnected");
    await Promise.all([server.close(), server.close()]);
    expect(isAlive(pid ?? 0)).toBe(false);
    expect(existsSync(dirname(logPath))).toBe(false);
    await expect(fetch(server.tokenEndpoint)).rejects.toThrow();
    await told;
    await room.disconnect();
  });

  it("closes though the server is frozen", async () => {
    const server = await startDevServer();
    const { pid } = server;
    await server.signal("SIGSTOP");
    await server.close();
    expect(isAlive(pid ?? 0)).toBe(false);
  });

  it("comes back after an outage on the same ports with the same keys", async () => {
    const server = await start();
    const token = await server.createToken({ identity: "ann", roomName: "hall" });
    for (const signal of ["SIGKILL", "SIGTERM", "SIGKILL"] as const) {
      const exit = await server.kill(signal);
      expect(exit.signal === signal || exit.exitCode === 0).toBe(true);
      expect(server.pid).toBeUndefined();
      await expect(fetch(server.httpUrl)).rejects.toThrow();
      await server.start();
      expect(await validate(server, token)).toBe(200);
    }
  });

  it("freezes and goes on with SIGSTOP and SIGCONT", async () => {
    const server = await start();
    await server.signal("SIGSTOP");
    // A signal is sent, not yet obeyed: a request may still slip through.
    await expect
      .poll(() => fetch(server.httpUrl, { signal: AbortSignal.timeout(300) }).catch((error: Error) => error.name), { timeout: 10_000 })
      .toBe("TimeoutError");
    await server.signal("SIGCONT");
    expect((await fetch(server.httpUrl)).ok).toBe(true);
  });

  it("closes when its signal aborts, and does not start with an aborted one", async () => {
    const controller = new AbortController();
    const server = await startDevServer({ signal: controller.signal });
    controller.abort();
    await server.exited;
    await until(() => !existsSync(server.logPath));
    await expect(startDevServer({ signal: controller.signal })).rejects.toThrow(/abort/i);
  });

  it("says with the end of the log, and without the secret, why the server did not start", async () => {
    const folder = await mkdtemp(join(tmpdir(), "roomtone-failing-"));
    const serverPath = join(folder, "livekit-server");
    const body = 'test "$1" = --version && echo "livekit-server version 1.13.5" && exit; cat "$2"; echo; echo "no such luck"; exit 3';
    await writeFile(serverPath, `#!/bin/sh\n${body}\n`);
    await chmod(serverPath, 0o755);
    const keys = { apiKey: "somekey", apiSecret: "somesecretsomesecretsomesecret00" };
    const error = await start({ serverPath, keys }).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "server-unreachable", message: expect.stringContaining("no such luck") });
    expect(String(error)).not.toContain(keys.apiSecret);
    await rm(folder, { recursive: true });
  });

  it("says which ports are taken, where they were given", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const http = (holder.address() as { port: number }).port;
    const udp = 20_000 + (process.pid % 12_000);
    const error = await start({ serverPorts: { http, iceTcp: 0, udp } }).catch((cause: unknown) => cause);
    holder.close();
    expect(error).toMatchObject({ code: "server-unreachable", message: expect.stringContaining(`${http}`) });
  });

  it("listens on loopback only", async () => {
    await expect(startDevServer({ host: "0.0.0.0" })).rejects.toMatchObject({ code: "usage" });
    await expect(startDevServer({ host: "192.168.1.1" })).rejects.toMatchObject({ code: "usage" });
    if (process.platform !== "linux") return;
    const server = await start();
    const endpointPort = Number(new URL(server.tokenEndpoint).port);
    const inodes = await socketInodes(server.pid ?? 0);
    const sockets = (await openSockets()).filter(({ inode, port }) => inodes.has(inode) || port === endpointPort);
    expect(new Set(sockets.map(({ port }) => port))).toEqual(new Set([server.ports.http, server.ports.udp, endpointPort]));
    expect(sockets.filter(({ address }) => address !== LOOPBACK)).toEqual([]);
  });

  it("refuses a token of another key", async () => {
    const server = await start();
    const { apiKey } = server;
    const token = await createAccessToken({ apiKey, apiSecret: "x".repeat(40), identity: "ann", roomName: "hall" });
    expect(await validate(server, token)).toBe(401);
  });
});

describe.skipIf(process.platform === "win32")("a dev server whose parent ends", () => {
  interface Told {
    readonly pid: number;
    readonly logPath: string;
  }

  async function startParent(): Promise<{ parent: ChildProcess; told: Told; supervisorPid: number }> {
    const parent = spawn(process.execPath, [fileURLToPath(new URL("./parent.mjs", import.meta.url))], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface({ input: parent.stdout }), "line")) as [string];
    const told = JSON.parse(line) as Told;
    const status = await readFile(`/proc/${told.pid}/status`, "utf8").catch(() => "");
    return { parent, told, supervisorPid: Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0) };
  }

  it.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)("by %s ends with it, and its files go", async (signal) => {
    const { parent, told, supervisorPid } = await startParent();
    parent.kill(signal);
    await once(parent, "exit");
    await until(() => !isAlive(told.pid) && !existsSync(dirname(told.logPath)));
    if (supervisorPid) await until(() => !isAlive(supervisorPid));
  });

  it.skipIf(process.platform !== "linux")("goes too when its supervisor is killed", async () => {
    const server = await start();
    const { pid = 0 } = server;
    const supervisorPid = Number(/^PPid:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1]);
    process.kill(supervisorPid, "SIGKILL");
    await server.exited;
    await until(() => !isAlive(pid));
    await server.close();
  });
});
