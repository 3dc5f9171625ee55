import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findSecrets, MintedSecrets } from "../src/minted-secrets.ts";
import { root, runCommand } from "../src/tool.ts";

let folder: string;
let minted: MintedSecrets;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "roomtone-minted-"));
  minted = new MintedSecrets(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What a test would run: it makes a secret and a token, and does `then` with them. */
function mint(then: string): Promise<{ exitCode: number; output: string }> {
  const built = (file: string) => JSON.stringify(pathToFileURL(join(root, "packages", "dev-server", "dist", file)).href);
  const source = `
    import { createServerKeys } from ${built("server-keys.js")};
    import { createAccessToken } from ${built("access-token.js")};
    const keys = createServerKeys();
    const token = await createAccessToken({ ...keys, identity: "ann", roomName: "room" });
    ${then}`;
  return runCommand(process.execPath, ["--input-type=module", "--eval", source], { env: minted.environment });
}

it("a token that a program prints is found, whatever surrounds it, and is not repeated", async () => {
  const { output } = await mint("console.log('before' + JSON.stringify({ token }) + 'x'.repeat(50) + token.split('.')[2]);");
  const found = minted.findIn(output);
  expect(found).toEqual([expect.stringMatching(/^a token .*before/), expect.stringMatching(/^a token /)]);
  expect(found.join()).not.toMatch(/[\w-]{43}/);
});

it("a secret that a program prints is found", async () => {
  const { output } = await mint("console.log('key: ' + keys.apiSecret);");
  expect(minted.findIn(output)).toEqual([expect.stringMatching(/^an API secret .*key: /)]);
});

it("what is found in a file that was left names the file", async () => {
  const path = join(folder, "left.log");
  await mint(`(await import("node:fs")).writeFileSync(${JSON.stringify(path)}, "joined with " + token);`);
  expect(minted.findInFiles([path])).toEqual([expect.stringMatching(/left\.log: a token .*joined with /)]);
});

it("a program that prints none has none found, though it made two, in a file that nobody else reads", async () => {
  const { exitCode, output } = await mint("console.log(token.split('.')[0], keys.apiKey);");
  expect([exitCode, minted.count]).toEqual([0, 2]);
  expect(minted.findIn(output)).toEqual([]);
  expect(statSync(join(folder, "minted")).mode & 0o777).toBe(0o600);
});

it("thousands of secrets are looked for in megabytes of output within a second", () => {
  const secrets = Array.from({ length: 5_000 }, (_, index) => `rtsecret_${index}_${"s".repeat(32)}`);
  const output = "a line of output, as tests print it, with a-rather-long-name-in-it\n".repeat(100_000);
  const startedMs = performance.now();
  expect(findSecrets(output + secrets[4_999], secrets)).toHaveLength(1);
  expect(performance.now() - startedMs).toBeLessThan(3000);
});
