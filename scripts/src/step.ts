const TELL_AFTER_MS = 700;

/** Where progress goes: standard output is for what was asked for. */
export function tell(line: string): void {
  process.stderr.write(`roomtone: ${line}\n`);
}

/** Runs `work`, and says so where it takes long enough for a person to wonder. */
export async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  let told = false;
  const timer = setTimeout(() => {
    told = true;
    tell(`${what}…`);
  }, TELL_AFTER_MS);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    if (told) tell(`${what}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  }
}
