import { existsSync, globSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { tell } from "./step.ts";
import { root, runCommand } from "./tool.ts";

/** A Debian package, and the command or file that shows it is there. */
interface SystemPackage {
  readonly name: string;
  readonly shownBy: string;
}

export function parseSystemPackages(text: string): SystemPackage[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => {
      const [name = "", shownBy = name] = line.trim().split(/\s+/);
      return { name, shownBy };
    });
}

function isThere({ shownBy }: SystemPackage): boolean {
  if (shownBy.includes("/")) return globSync(shownBy).length > 0;
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, shownBy)));
}

/**
 * Installs the system packages that tests need where that can be done here: as root, with apt-get. Elsewhere says the
 * exact command. Returns what is still missing; with `CI` set that ends the run.
 */
export async function ensureSystemPackages(): Promise<string[]> {
  const wanted = parseSystemPackages(readFileSync(join(root, "scripts", "system-packages.txt"), "utf8"));
  const missing = (): string[] => wanted.filter((one) => !isThere(one)).map(({ name }) => name);
  const before = missing();
  if (before.length === 0) return before;
  const hasApt = existsSync("/usr/bin/apt-get");
  if (hasApt && process.getuid?.() === 0) {
    tell(`installing system packages: ${before.join(" ")}`);
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await runCommand("apt-get", ["update", "-q"], { env });
    const { exitCode, output } = await runCommand("apt-get", ["install", "-qy", "--no-install-recommends", ...before], { env });
    if (exitCode !== 0) process.stderr.write(output.split("\n").slice(-15).join("\n"));
  }
  const after = missing();
  if (after.length === 0) return after;
  tell(hasApt ? `missing; install with: sudo apt-get install -y ${after.join(" ")}` : `missing, by Debian's names: ${after.join(" ")}`);
  if (process.env["CI"]) {
    tell("with CI set, nothing is skipped: install these first.");
    process.exit(1);
  }
  tell("tests that need these are skipped, and counted.");
  return after;
}
