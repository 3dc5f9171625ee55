import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { readWorkspace, type WorkspacePackage } from "./workspace.ts";

/** Which of our packages each may use in what it publishes. Tests may use `@roomtone/testing` and what they declare besides. */
const mayUse: Readonly<Record<string, readonly string[]>> = {
  "packages/core": [],
  "packages/node-audio": ["@roomtone/core"],
  "packages/web-audio": ["@roomtone/core"],
  "packages/dev-server": ["@roomtone/core"],
  "packages/testing": ["@roomtone/core"],
  "apps/cli": ["@roomtone/core", "@roomtone/node-audio", "@roomtone/dev-server"],
  "apps/web": ["@roomtone/core", "@roomtone/web-audio"],
};

/** In this order at each place: a comment; an import; a text of another kind, in which words that look like an import are none. */
const importPattern = new RegExp(
  [
    /\/\*[\s\S]*?\*\/|\/\/.*/, // examples in comments import what they like
    /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+|\brequire\s*\(\s*)["'](?<specifier>[^"'\n]+)["']/,
    /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "g",
);

/** What is wrong with the dependencies between packages, a sentence each. */
export async function checkDependencyRules(root: string): Promise<string[]> {
  const workspace = readWorkspace(root);
  return workspace.flatMap((one) => [...checkManifest(one, workspace), ...checkSources(root, one, workspace)]);
}

function checkManifest(one: WorkspacePackage, workspace: readonly WorkspacePackage[]): string[] {
  const allowed = mayUse[one.folder];
  if (!allowed) return [`${one.folder}: scripts/src/dependency-rules.ts does not say what it may use.`];
  return (["dependencies", "peerDependencies", "optionalDependencies"] as const).flatMap((kind) =>
    Object.keys(one.dependencies[kind])
      .filter((name) => workspace.some((other) => other.name === name) && !allowed.includes(name))
      .map((name) => `${one.folder}/package.json: ${name} in ${kind} is against the dependencies' direction.`),
  );
}

function checkSources(root: string, one: WorkspacePackage, workspace: readonly WorkspacePackage[]): string[] {
  const { dependencies, devDependencies, peerDependencies, optionalDependencies } = one.dependencies;
  const published = new Set(Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies }));
  const any = new Set([...published, ...Object.keys(devDependencies)]);
  // Apps are bundled: what they use is in the bundle.
  const inSources = one.folder.startsWith("apps/") ? any : published;
  return sourceFiles(join(root, one.folder)).flatMap((path) => {
    const isTest = /\.test\.ts$/.test(path) || path.startsWith(`test${sep}`);
    const where = `${one.folder}/${path.split(sep).join("/")}`;
    return importsOf(readFileSync(join(root, one.folder, path), "utf8")).flatMap((specifier) => {
      if (specifier.startsWith("."))
        return escapes(path, specifier) ? [`${where}: ${specifier} leaves the package; import it by name.`] : [];
      const name = packageName(specifier);
      if (specifier.startsWith("node:")) {
        return one.folder === "packages/core" && !isTest ? [`${where}: core has no runtime, so not ${specifier}.`] : [];
      }
      if (name === one.name) return isTest ? [] : [`${where}: it imports its own package by name.`];
      if (name === "@roomtone/testing" && !isTest) return [`${where}: only tests import @roomtone/testing.`];
      const ours = workspace.some((other) => other.name === name);
      if (ours && !isTest && !mayUse[one.folder]?.includes(name)) return [`${where}: ${name} is against the dependencies' direction.`];
      if (!(isTest ? any : inSources).has(name)) return [`${where}: ${name} is not declared in ${one.folder}/package.json.`];
      return [];
    });
  });
}

export function importsOf(source: string): string[] {
  return [...source.matchAll(importPattern)].flatMap(({ groups }) => groups?.["specifier"] ?? []);
}

function sourceFiles(folder: string): string[] {
  return ["src", "test"].flatMap((part) => {
    try {
      return readdirSync(join(folder, part), { recursive: true, encoding: "utf8" })
        .filter((path) => /\.(?:ts|tsx|mjs|cjs)$/.test(path))
        .map((path) => join(part, path));
    } catch {
      return [];
    }
  });
}

function packageName(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function escapes(path: string, specifier: string): boolean {
  return join(path, "..", specifier).startsWith("..");
}
