import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { root, runCommand } from "./tool.ts";
import { readWorkspace } from "./workspace.ts";

export interface PackedPackage {
  readonly name: string;
  /** Path of the `.tgz`. */
  readonly tarball: string;
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** Packs every published package into `folder`, as it would be published: pnpm replaces `workspace:` by versions. */
export async function packAll(folder: string): Promise<PackedPackage[]> {
  const published = readWorkspace(root).filter((one) => one.published);
  return Promise.all(
    published.map(async ({ name, folder: packageFolder }) => {
      const destination = join(folder, name.replaceAll(/[@/]/g, "_"));
      const { exitCode, output } = await runCommand("pnpm", ["pack", "--pack-destination", destination], {
        cwd: join(root, packageFolder),
      });
      const file = exitCode === 0 ? (await readdir(destination)).find((entry) => entry.endsWith(".tgz")) : undefined;
      if (!file) throw new Error(`${name} could not be packed:\n${output}`);
      const tarball = join(destination, file);
      return { name, tarball, manifest: JSON.parse(readFromTarball(gunzipSync(await readFile(tarball)), "package/package.json")) };
    }),
  );
}

/** A file's text out of an unpacked tar: blocks of 512 bytes, a header before each file. */
export function readFromTarball(tar: Buffer, path: string): string {
  for (let offset = 0; offset + 512 <= tar.length; ) {
    const name = tar.toString("utf8", offset, offset + 100).replace(/\0.*$/s, "");
    const sizeBytes = Number.parseInt(tar.toString("utf8", offset + 124, offset + 136), 8) || 0;
    if (name === path) return tar.toString("utf8", offset + 512, offset + 512 + sizeBytes);
    offset += 512 + Math.ceil(sizeBytes / 512) * 512;
  }
  throw new Error(`the tarball has no ${path}`);
}
