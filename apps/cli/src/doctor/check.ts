/** What a check found, in words, and what to do about it. */
export interface CheckResult {
  readonly result: "ok" | "failed" | "skipped";
  readonly message: string;
  readonly fix?: string | undefined;
}

/** A check that takes longer has found something: a person waits for all of them. */
export const CHECK_DEADLINE_MS = 5000;

export function skipped(message: string, fix: string): CheckResult {
  return { result: "skipped", message, fix };
}

/** `check`, or a failure where it does not end in time. */
export async function bounded(check: Promise<CheckResult>): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<CheckResult>((resolve) => {
    timer = setTimeout(
      () =>
        resolve({
          result: "failed",
          message: `no answer within ${CHECK_DEADLINE_MS / 1000} s`,
          fix: "something on this machine hangs: try again, then restart it",
        }),
      CHECK_DEADLINE_MS,
    );
  });
  try {
    return await Promise.race([check, late]);
  } finally {
    clearTimeout(timer);
  }
}
