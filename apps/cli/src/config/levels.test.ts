import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chooseCredentials, readLevels } from "./levels.js";

describe("where configuration comes from", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "roomtone-levels-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const choose = async (options: object, env: Record<string, string>, dotenv?: string) => {
    if (dotenv !== undefined) await writeFile(join(folder, ".env"), dotenv);
    return chooseCredentials(await readLevels(options, { env, cwd: folder }, new AbortController().signal));
  };

  it("takes a flag before the environment, and that before .env", async () => {
    const dotenv = "LIVEKIT_TOKEN=from-dotenv\n";
    const env = { LIVEKIT_TOKEN: "from-environment" };
    expect(await choose({ token: "from-flag" }, env, dotenv)).toEqual({ credentials: { kind: "token", token: "from-flag" } });
    expect(await choose({}, env, dotenv)).toEqual({ credentials: { kind: "token", token: "from-environment" } });
    expect(await choose({}, {}, dotenv)).toEqual({ credentials: { kind: "token", token: "from-dotenv" } });
  });

  it("never completes a key of one level with a secret of another", async () => {
    const found = await choose({ apiKey: "key" }, { LIVEKIT_API_SECRET: "secret", LIVEKIT_API_KEY: "other" });
    expect(found.half?.missing).toBe("secret");
    expect(found.half?.level.name).toBe("flags");
  });

  it.each([
    [{ token: "x", apiKey: "k", apiSecret: "s" }, {}],
    [{ token: "x", tokenFile: "f" }, {}],
    [{ dev: true, token: "x" }, {}],
    [{ tokenEndpoint: "http://x/", apiKey: "k" }, {}],
    [{}, { LIVEKIT_TOKEN: "x", LIVEKIT_API_KEY: "k", LIVEKIT_API_SECRET: "s" }],
  ])("refuses two kinds of credentials on one level: %j %j", async (options, env) => {
    await expect(choose(options, env)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("Two kinds of credentials"),
    });
  });

  it("does not look below the level that has credentials, whatever is wrong there", async () => {
    const env = { LIVEKIT_TOKEN: "x", LIVEKIT_API_KEY: "k", LIVEKIT_API_SECRET: "s" };
    expect(await choose({ tokenFile: "f" }, env)).toEqual({ credentials: { kind: "token-file", path: "f" } });
  });

  it("takes an empty variable as one that is not set", async () => {
    expect(await choose({}, { LIVEKIT_TOKEN: "", LIVEKIT_API_KEY: " " })).toEqual({});
  });

  it("reads quotes and comments in .env, and does without the file", async () => {
    expect(await choose({}, {}, "# mine\nexport LIVEKIT_API_KEY=\"k\"\nLIVEKIT_API_SECRET='s' # quoted\n")).toEqual({
      credentials: { kind: "keys", apiKey: "k", apiSecret: "s" },
    });
    await rm(join(folder, ".env"));
    expect(await choose({}, {})).toEqual({});
  });
});
