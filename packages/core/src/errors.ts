import type { failures } from "./failures.js";

export type ErrorCode = keyof typeof failures;

/** Facts that go with a failure, for programs. Never a token or a key. */
export interface ErrorDetails {
  readonly deviceName?: string;
  readonly path?: string;
  readonly setting?: string;
  readonly option?: string;
  readonly grant?: string;
  readonly packageName?: string;
  /** HTTP status of the server's answer. */
  readonly status?: number;
  /** Whether the same call may succeed later without any change by the user. */
  readonly retryable?: boolean;
  /** The server asked for a pause of that length before the next attempt. */
  readonly retryAfterMs?: number;
}

const brand = Symbol.for("roomtone.error");

/** The one error that Roomtone throws: what happened and what to do, in a sentence, and a code for programs. */
export class RoomtoneError extends Error {
  override readonly name = "RoomtoneError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.details = details;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether `error` is a `RoomtoneError` (of `code`, where given). True across two copies of this package. */
export function isRoomtoneError(error: unknown, code?: ErrorCode): error is RoomtoneError {
  if (typeof error !== "object" || error === null || (error as Record<symbol, unknown>)[brand] !== true) return false;
  return code === undefined || (error as RoomtoneError).code === code;
}

/** `error` itself where it is ours; else one of `code` with `error` as its cause, whose message says nothing of the vendor's. */
export function toRoomtoneError(error: unknown, code: ErrorCode = "internal", message = "This is a fault of Roomtone."): RoomtoneError {
  return isRoomtoneError(error) ? error : new RoomtoneError(code, message, {}, { cause: error });
}
