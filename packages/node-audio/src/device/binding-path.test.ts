import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { findBinding } from "./binding-path.js";

const folders: string[] = [];
afterEach(() => Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true }))));

async function project(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "roomtone-binding-"));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return join(folder, "index.js");
}

test("the binding is found in this installation", () => {
  expect(findBinding()).toMatch(/naudiodon\.node$/);
});

test("a package that is not installed is native-missing, with the command that installs it", async () => {
  const from = await project({});
  expect(() => findBinding(from)).toThrow(
    expect.objectContaining({
      code: "native-missing",
      details: { packageName: "naudiodon" },
      message: expect.stringContaining("npm install naudiodon"),
    }),
  );
});

test("a package whose build script was not allowed is native-missing, with the way to allow it", async () => {
  const from = await project({ "node_modules/naudiodon/package.json": "{}" });
  expect(() => findBinding(from)).toThrow(
    expect.objectContaining({ code: "native-missing", message: expect.stringContaining("pnpm approve-builds") }),
  );
});
