import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** Shorter ones would be found in words. */
const SHORTEST_CHARS = 16;
/** A larger file that a test left is a recording or a program. */
const MOST_BYTES = 8 * 1024 * 1024;

/** What the processes of a run have made of tokens and secrets: in a file that only we may read, and that ends with the run. */
export class MintedSecrets {
  readonly #path: string;

  constructor(folder: string) {
    this.#path = join(folder, "minted");
    closeSync(openSync(this.#path, "wx", 0o600));
  }

  /** For the processes of the run, and those that they start. */
  get environment(): Readonly<Record<string, string>> {
    const recorder = join(import.meta.dirname, "record-minted.cjs");
    const given = process.env["NODE_OPTIONS"];
    return { ROOMTONE_MINTED_FILE: this.#path, NODE_OPTIONS: `${given ? `${given} ` : ""}--require=${JSON.stringify(recorder)}` };
  }

  /** How many there are. */
  get count(): number {
    return this.#read().length;
  }

  /** What of them is in `text`: each place described by what stands before it, never repeated. */
  findIn(text: string): readonly string[] {
    return findSecrets(text, this.#read());
  }

  /** The same for files; folders are searched whole. */
  findInFiles(paths: readonly string[]): readonly string[] {
    const secrets = this.#read();
    return paths.flatMap((path) =>
      filesUnder(path).flatMap((file) => findSecrets(readFileSync(file, "latin1"), secrets).map((found) => `${file}: ${found}`)),
    );
  }

  delete(): void {
    rmSync(this.#path, { force: true });
  }

  #read(): readonly string[] {
    return readFileSync(this.#path, "utf8").split("\n").filter(Boolean);
  }
}

/**
 * A token is known by its signature, which alone makes it one; a secret by all of it. One pass over the text, however many there are: only
 * runs of the letters that they consist of can hold one.
 */
export function findSecrets(text: string, secrets: readonly string[]): readonly string[] {
  const byLength = new Map<number, Map<string, string>>();
  for (const secret of secrets) {
    const isToken = secret.startsWith("eyJ");
    const needle = isToken ? (secret.split(".")[2] ?? "") : secret;
    if (needle.length < SHORTEST_CHARS) continue;
    const sameLength = byLength.get(needle.length) ?? new Map<string, string>();
    byLength.set(needle.length, sameLength.set(needle, isToken ? "a token" : "an API secret"));
  }
  const found: string[] = [];
  for (const { 0: run, index } of text.matchAll(/[\w-]{16,}/g)) {
    for (const [length, needles] of byLength) {
      for (let at = 0; at + length <= run.length; at += 1) {
        const kind = needles.get(run.slice(at, at + length));
        if (kind) found.push(`${kind} that was made in this run, after ${JSON.stringify(before(text, index + at))}`);
      }
    }
  }
  return found;
}

/** What stands before a secret and what it hangs together with, as a token's signature does with the rest; not another secret. */
function before(text: string, at: number): string {
  let start = at;
  while (start > 0 && /[\w.-]/.test(text[start - 1] ?? "")) start -= 1;
  return text.slice(Math.max(0, start - 60), start).replaceAll(/[\w-]{16,}/g, "…");
}

function filesUnder(path: string): string[] {
  if (!existsSync(path)) return [];
  const stat = statSync(path);
  if (stat.isDirectory()) return readdirSync(path).flatMap((name) => filesUnder(join(path, name)));
  return stat.isFile() && stat.size <= MOST_BYTES ? [path] : [];
}
