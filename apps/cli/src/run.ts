import { failures, isRoomtoneError, RoomtoneError } from "@roomtone/core";
import type { Io } from "./io.js";
import { isLeaving, LeaveRequest } from "./leave.js";
import { Output, type OutputOptions } from "./output/output.js";
import { closedReason } from "./room/room-events.js";

/** How a command's work ended: the room's reason, or `finished` where there was none, with the error that ended it. */
export interface CommandEnd {
  readonly reason: string;
  readonly error?: RoomtoneError | undefined;
  /** Where it is not what `error` says: doctor's 1. */
  readonly exitCode?: number;
}

/** A command, ready to run: resolves with the exit code and never rejects. */
export type Run<Options> = (options: Options, io: Io, signal: AbortSignal) => Promise<number>;

/**
 * Makes a command of its `body`: reports what the body throws, tells `closed` last, and turns the end into an exit code.
 * After a request to leave, whatever the body throws is the leaving itself.
 */
export function command<Options extends OutputOptions>(
  body: (options: Options, io: Io, signal: AbortSignal, output: Output) => Promise<CommandEnd>,
): Run<Options> {
  return async (options, io, signal) => {
    const output = new Output(io, options);
    let end: CommandEnd;
    try {
      end = await body(options, io, signal, output);
    } catch (error) {
      end = error instanceof LeaveRequest || isLeaving(signal) ? { reason: "left" } : failedEnd(asOurs(error));
    }
    if (end.error) output.error(end.error);
    if (output.json) output.event({ event: "closed", reason: end.reason });
    return end.exitCode ?? (end.error ? failures[end.error.code].exitCode : 0);
  };
}

/** An error that is not ours is a fault of ours: its own words may hold anything, so a person sees them with `--verbose` only. */
export function asOurs(error: unknown): RoomtoneError {
  if (isRoomtoneError(error)) return error;
  return new RoomtoneError("internal", "Something went wrong inside Roomtone. `--verbose` shows where.", {}, { cause: error });
}

function failedEnd(error: RoomtoneError): CommandEnd {
  return { reason: closedReason(error.code), error };
}
