import { type AbortSignalLike, RoomtoneError } from "@roomtone/core";
import { beforeDeadline } from "../deadline.js";

/** Longest wait for an answer of the server. */
export const ANSWER_DEADLINE_MS = 10_000;

export interface Bound {
  /** What is waited for, for the message: "the server's answer". */
  readonly what: string;
  readonly deadlineMs?: number;
  readonly signal?: AbortSignalLike;
}

/**
 * `promise`, waited for no longer than a deadline or a signal allows.
 * @throws RoomtoneError `server-unreachable` at the deadline; the signal's reason
 */
export function bounded<T>(promise: Promise<T>, { what, deadlineMs = ANSWER_DEADLINE_MS, signal }: Bound): Promise<T> {
  const expired = () => new RoomtoneError("server-unreachable", `Waited ${deadlineMs / 1000} s in vain for ${what}.`, { retryable: true });
  return beforeDeadline(promise, { durationMs: deadlineMs, expired, ...(signal ? { signal } : {}) });
}
