import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { packAll } from "./pack.ts";

/** What publint and are-the-types-wrong say of the packages as they would be published, a line each. */
export async function checkPackedPackages(): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "roomtone-packed-"));
  try {
    const packed = await packAll(folder);
    const problems = await Promise.all(
      packed.map(async ({ name, tarball, manifest }) => {
        const data = await readFile(tarball);
        return [...(await lint(data)), ...(await checkTypes(data))]
          .map((problem) => `${name}: ${problem}`)
          .concat(JSON.stringify(manifest).includes("workspace:") ? [`${name}: its packed manifest still says workspace:`] : []);
      }),
    );
    return problems.flat();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function lint(data: Buffer): Promise<string[]> {
  const tarball = new Uint8Array(data).buffer;
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code);
}

/** For ES modules alone: neither `require` nor the resolution of Node 10 finds them, and that is meant. */
async function checkTypes(data: Buffer): Promise<string[]> {
  const result = await checkPackage(createPackageFromTarballData(new Uint8Array(data)));
  // A command line has no types.
  if (!result.types) return [];
  return result.problems
    .filter((problem) => !("resolutionKind" in problem) || problem.resolutionKind === "node16-esm" || problem.resolutionKind === "bundler")
    .map((problem) => `types: ${problem.kind}${"entrypoint" in problem ? ` at ${problem.entrypoint}` : ""}`);
}
