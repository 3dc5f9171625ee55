import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface WorkspacePackage {
  readonly name: string;
  /** From the root, such as `packages/core`. */
  readonly folder: string;
  readonly published: boolean;
  readonly dependencies: Readonly<Record<DependencyKind, Readonly<Record<string, string>>>>;
}

export type DependencyKind = "dependencies" | "devDependencies" | "peerDependencies" | "optionalDependencies";

/** Every package of the workspace under `root`. */
export function readWorkspace(root: string): WorkspacePackage[] {
  return ["packages", "apps"]
    .filter((parent) => existsSync(join(root, parent)))
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(parent, name)))
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .map((folder) => {
      const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
      const { dependencies = {}, devDependencies = {}, peerDependencies = {}, optionalDependencies = {} } = manifest;
      return {
        name: manifest.name,
        folder,
        published: manifest.private !== true,
        dependencies: { dependencies, devDependencies, peerDependencies, optionalDependencies },
      };
    });
}
