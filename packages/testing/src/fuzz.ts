import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";

/** An input that takes longer hangs: what is fuzzed here takes milliseconds. */
const HANG_MS = 10_000;
const MOST_MUTATIONS = 8;

export interface FuzzTarget {
  /** Folder of inputs that once broke something. All of them are run first; one that breaks something now is added. */
  readonly corpus: string;
  /** Good inputs: what is tried are these with bytes changed, cut, repeated and mixed, and now and then noise. */
  readonly seeds: readonly Uint8Array[];
  /** Takes one input. What it throws is a finding: an error that the input deserves is for `run` to expect. */
  readonly run: (input: Uint8Array) => unknown;
  /** New inputs are tried for so long. */
  readonly budgetMs: number;
}

type Mutation =
  | { readonly kind: "set"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "cut" | "repeat"; readonly at: number; readonly share: number }
  | { readonly kind: "end"; readonly at: number }
  | { readonly kind: "mix"; readonly at: number; readonly other: number };

const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
/** Lengths and counts are where parsers break. */
const telling = fc.constantFrom(
  [0],
  [1],
  [0x7f],
  [0x80],
  [0xff],
  [0xff, 0xff],
  [0, 0, 0, 0],
  [0xff, 0xff, 0xff, 0xff],
  [0x7f, 0xff, 0xff, 0xff],
);
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({
    kind: fc.constant("set" as const),
    at: place,
    bytes: fc.oneof(
      telling.map((bytes) => Uint8Array.from(bytes)),
      fc.uint8Array({ minLength: 1, maxLength: 4 }),
    ),
  }),
  fc.record({ kind: fc.constantFrom("cut" as const, "repeat" as const), at: place, share: fc.double({ min: 0, max: 0.5, noNaN: true }) }),
  fc.record({ kind: fc.constant("end" as const), at: place }),
  fc.record({ kind: fc.constant("mix" as const), at: place, other: fc.nat() }),
);

/**
 * Runs every input of the corpus, then new ones for the budget; returns how many. Rejects with the first finding, whose input
 * is then in the corpus, made as small as fast-check could.
 */
export async function fuzz({ corpus, seeds, run, budgetMs }: FuzzTarget): Promise<number> {
  let count = 0;
  const attempt = async (input: Uint8Array) => {
    count += 1;
    await withoutHanging(run, input);
  };
  for (const name of await readdir(corpus).catch(() => [])) await attempt(await readFile(join(corpus, name)));
  const mutated = fc
    .tuple(fc.nat(), fc.array(mutation, { minLength: 1, maxLength: MOST_MUTATIONS }))
    .map(([seed, mutations]) =>
      mutations.reduce((bytes, one) => mutate(bytes, one, seeds), seeds[seed % seeds.length] ?? new Uint8Array()),
    );
  const input = fc.oneof({ arbitrary: mutated, weight: 15 }, { arbitrary: fc.uint8Array({ maxLength: 512 }), weight: 1 });
  const outcome = await fc.check(fc.asyncProperty(input, attempt), {
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: budgetMs,
    markInterruptAsFailure: false,
  });
  if (!outcome.failed || !outcome.counterexample) return count;
  const [found] = outcome.counterexample;
  await mkdir(corpus, { recursive: true });
  const path = join(corpus, `${outcome.seed >>> 0}-${found.length}.bin`);
  await writeFile(path, found);
  throw new Error(`An input of ${found.length} bytes broke it: it is kept as ${path}`, { cause: outcome.errorInstance });
}

function mutate(bytes: Uint8Array, change: Mutation, seeds: readonly Uint8Array[]): Uint8Array {
  const at = Math.floor(change.at * (bytes.length + 1));
  switch (change.kind) {
    case "set": {
      const changed = bytes.slice();
      changed.set(change.bytes.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
      return changed;
    }
    case "cut":
      return concatenate(bytes.subarray(0, at), bytes.subarray(at + Math.ceil(change.share * bytes.length)));
    case "repeat":
      return concatenate(bytes.subarray(0, at + Math.ceil(change.share * bytes.length)), bytes.subarray(at));
    case "end":
      return bytes.slice(0, at);
    case "mix": {
      const other = seeds[change.other % seeds.length] ?? bytes;
      return concatenate(bytes.subarray(0, at), other.subarray(Math.floor(change.at * other.length)));
    }
  }
}

function concatenate(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const joined = new Uint8Array(head.length + tail.length);
  joined.set(head);
  joined.set(tail, head.length);
  return joined;
}

async function withoutHanging(run: FuzzTarget["run"], input: Uint8Array): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not finish within ${HANG_MS / 1000} s`)), HANG_MS);
  });
  try {
    await Promise.race([run(input), hang]);
  } finally {
    clearTimeout(timer);
  }
}
