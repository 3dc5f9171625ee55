import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRoomtoneError } from "@roomtone/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { currentLibc } from "./libc.js";
import { requireOpus } from "./load-opus.js";
import { requireRtcNode } from "./load-rtc-node.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "roomtone-natives-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const from = () => join(folder, "index.js");

async function install(name: string, files: Record<string, string>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const target = join(folder, "node_modules", name, path);
    await mkdir(join(target, ".."), { recursive: true });
    await writeFile(target, content);
  }
}

function failure(load: () => unknown): { message: string; packageName: string | undefined; cause: unknown } {
  try {
    load();
  } catch (error) {
    if (isRoomtoneError(error, "native-missing")) {
      return { message: error.message, packageName: error.details.packageName, cause: error.cause };
    }
    throw error;
  }
  throw new Error("it loaded");
}

describe("a native package that does not load", () => {
  it("is recognised on musl before anything is loaded", async () => {
    await install("@livekit/rtc-node", { "index.js": "throw new Error('it was loaded')" });
    const { message, cause } = failure(() => requireRtcNode({ from: from(), libc: "musl" }));
    expect(message).toContain("has no build for musl, the C library of Alpine Linux. To fix it: run on a system with glibc");
    expect(cause).toBeUndefined();
  });

  it("names the build approval where its build script did not run", async () => {
    await install("@discordjs/opus", {
      "package.json": '{"main":"lib/index.js"}',
      "lib/index.js": "throw new Error('Cannot find module')",
    });
    const { message } = failure(() => requireOpus(from()));
    expect(message).toContain("was not built. To fix it: allow its build script");
    expect(message).toContain("`pnpm approve-builds`");
    expect(message).toContain("`allowBuilds`");
  });

  it("says so where it was built for another Node", async () => {
    await install("@discordjs/opus", {
      "package.json": '{"main":"lib/index.js"}',
      "lib/index.js": "throw new Error('Cannot find module')",
      "prebuild/node-v1-napi-v3-linux-x64-glibc-2.36/opus.node": "",
    });
    expect(failure(() => requireOpus(from())).message).toMatch(
      /built for another version of Node than [\d.]+\. To fix it: npm rebuild @discordjs\/opus$/,
    );
  });

  it("keeps what the loader said as the cause, and out of the message", async () => {
    await install("@livekit/rtc-node", { "index.js": "throw new Error('Failed to load native binding')" });
    const { message, cause } = failure(() => requireRtcNode({ from: from(), libc: "glibc" }));
    expect(message).toContain("the native part of @livekit/rtc-node does not load on this system");
    expect(message).not.toContain("binding");
    expect((cause as Error).message).toBe("Failed to load native binding");
  });
});

describe("the C library", () => {
  it.runIf(process.platform === "linux")("is told on Linux", () => {
    expect(["glibc", "musl"]).toContain(currentLibc());
  });
});
