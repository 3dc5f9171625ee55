import { type ErrorDetails, isRoomtoneError, RoomtoneError } from "@roomtone/core";

/** `input-unreadable`: what is wrong with the input called `label`, and what to do. */
export function unreadable(label: string, problem: string, details: ErrorDetails = {}, cause?: unknown): RoomtoneError {
  return new RoomtoneError("input-unreadable", `${label} ${problem}`, details, cause === undefined ? undefined : { cause });
}

/** The end of input that is shorter than it says. Whoever listens has heard all of it that is there. */
export function cutOff(label: string, heardS: number, promisedS: number): RoomtoneError {
  return unreadable(
    label,
    `is damaged or cut off: ${heardS.toFixed(1)} s of ${promisedS.toFixed(1)} s could be played. Copy or download it again.`,
  );
}

const problems: Record<string, string> = {
  ENOENT: "does not exist. Check the path.",
  ENOTDIR: "does not exist: a part of the path is no folder.",
  EACCES: "may not be read by this user. Check its permissions.",
  EPERM: "may not be read by this user. Check its permissions.",
  EISDIR: "is a folder. Give the path of one audio file.",
  EMFILE: "cannot be opened: this process has too many open files.",
  EIO: "cannot be read: the disk or the network folder reports an error.",
};

/** What the system said about reading `label`, as ours. */
export function readError(error: unknown, label: string, details: ErrorDetails = {}): RoomtoneError {
  if (isRoomtoneError(error)) return new RoomtoneError(error.code, error.message, { ...error.details, ...details }, { cause: error.cause });
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? "";
  return unreadable(label, problems[code] ?? "broke off while it was read.", details, error);
}
