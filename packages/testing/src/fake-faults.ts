import { type AbortSignalLike, type ErrorCode, RoomtoneError, whenAborted } from "@roomtone/core";
import type { TestTime } from "./virtual-clock.js";

/** Something that the fake is about to do, and that a fault may befall. */
export interface FakeOperation {
  readonly kind: "connect" | "publish" | "set-muted" | "replace" | "reconfigure" | "unpublish" | "close" | "send-data" | "sample" | "event";
  readonly identity: string;
  /** Of ours, where it is about a track. */
  readonly trackId?: string;
  /** The event's type, where it is one. */
  readonly event?: string;
}

/** What befalls an operation. */
export interface FakeFault {
  /** It takes that long. For an event: others overtake it. */
  readonly delayMs?: number;
  /** It takes place at once, and the answer comes so much later. */
  readonly answerAfterMs?: number;
  /** It does not heed its signal. */
  readonly deaf?: boolean;
  /** It fails with that code. */
  readonly fail?: ErrorCode;
  /** With `fail`: what the error says of another attempt. */
  readonly retryable?: boolean;
  /** With `fail`: it takes place, and only the answer is an error. */
  readonly late?: boolean;
  /** It never settles, but for its signal. */
  readonly hang?: boolean;
  /** An event is told twice. */
  readonly duplicate?: boolean;
}

/** Decides what befalls each operation; undefined lets it be. */
export type FaultPlan = (operation: FakeOperation) => FakeFault | undefined;

/** Carries `action` out, with what befalls it. */
export async function withFault<T>(
  time: TestTime,
  fault: FakeFault | undefined,
  givenSignal: AbortSignalLike | undefined,
  action: () => T,
): Promise<Awaited<T>> {
  const signal = fault?.deaf ? undefined : givenSignal;
  signal?.throwIfAborted();
  if (fault?.delayMs !== undefined) await pause(time, fault.delayMs, signal);
  if (fault?.hang) await pause(time, undefined, signal);
  signal?.throwIfAborted();
  const failure = fault?.fail ? injected(fault.fail, fault.retryable) : undefined;
  if (failure && !fault?.late) throw failure;
  const result = await action();
  if (fault?.answerAfterMs !== undefined) await pause(time, fault.answerAfterMs, undefined);
  if (failure) throw failure;
  return result;
}

function injected(code: ErrorCode, retryable: boolean | undefined): RoomtoneError {
  return new RoomtoneError(code, `An injected fault: ${code}.`, retryable === undefined ? {} : { retryable });
}

/** Waits for `delayMs` (undefined: for ever), or rejects with the signal's reason. */
function pause(time: TestTime, delayMs: number | undefined, signal: AbortSignalLike | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancelTimer =
      delayMs === undefined
        ? () => {}
        : time.setTimer(() => {
            stopListening();
            resolve();
          }, delayMs);
    const stopListening = whenAborted(signal, () => {
      cancelTimer();
      reject(signal?.reason);
    });
  });
}
