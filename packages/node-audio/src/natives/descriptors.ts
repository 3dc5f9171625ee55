import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";
import { RoomtoneError } from "@roomtone/core";

/**
 * Makes sure that this process may open `count` files and sockets more. Native code, and sockets that open by themselves, end the process
 * where it may not.
 * @throws RoomtoneError `unsupported`, retryable: others may be closed meanwhile
 */
export function requireDescriptors(count: number): void {
  const opened: number[] = [];
  try {
    while (opened.length < count) opened.push(openSync(devNull, "r"));
  } catch (error) {
    if (lacksDescriptors(error)) throw tooManyOpenFiles(error);
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

/** Whether `error` comes of too many open files. Node's loader of packages says so in its text alone. */
export function lacksDescriptors(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return code === "EMFILE" || code === "ENFILE" || /too many open files/i.test(message ?? "");
}

export function tooManyOpenFiles(cause: unknown): RoomtoneError {
  return new RoomtoneError(
    "unsupported",
    "This process may open no more files and sockets, and a room takes some. Raise its limit: `ulimit -n 1024`, or LimitNOFILE= of its systemd unit.",
    { retryable: true },
    { cause },
  );
}
