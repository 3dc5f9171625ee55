import type { TestContext } from "vitest";

/** What one fault did to one driver: a row of `docs/reliability.md`. */
export interface FaultReport {
  readonly part: "server" | "token and clock" | "network" | "device" | "machine";
  /** What broke, and for how long. */
  readonly fault: string;
  /** What published, or `any` where it makes no difference. */
  readonly driver: string;
  /** What the user sees: events, an error's code, an exit code. */
  readonly seen: string;
  /** What listeners or a recording missed. */
  readonly lost: string;
  /** From the end of the fault until it was good again, in milliseconds; one for each time it was tried. Empty where there is no way back. */
  readonly backMs: readonly number[];
  /** The code that holds: the test fails without it. */
  readonly guard: string;
}

declare module "vitest" {
  interface TaskMeta {
    faults?: FaultReport[];
  }
}

/** Hands a row to the run, which writes the table from it, and prints it. Call it last: a test that fails has nothing to tell. */
export async function reportFault({ task, annotate }: TestContext, report: FaultReport): Promise<void> {
  task.meta.faults ??= [];
  task.meta.faults.push(report);
  const times = report.backMs.map((backMs) => `${Math.round(backMs)} ms`).join(", ");
  await annotate(`${report.fault}, ${report.driver}: ${times === "" ? report.seen : `back after ${times}`}`);
}
