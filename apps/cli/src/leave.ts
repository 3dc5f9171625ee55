/** Why a command is asked to end cleanly: the reason of the signal that every command gets. */
export class LeaveRequest extends Error {
  override readonly name = "LeaveRequest";
  readonly by: "signal" | "key" | "duration" | "output-closed";

  constructor(by: LeaveRequest["by"]) {
    super(`asked to leave (${by})`);
    this.by = by;
  }
}

/** Whether `signal` aborted because its owner asked for a clean end, which is exit code 0. */
export function isLeaving(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason instanceof LeaveRequest;
}
