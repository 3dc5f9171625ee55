import { type ErrorDetails, isRoomtoneError, RoomtoneError } from "@roomtone/core";

const problems: Record<string, string> = {
  ENOENT: "cannot be created: its folder does not exist.",
  ENOTDIR: "cannot be created: a part of the path is no folder.",
  EACCES: "may not be written by this user. Check the permissions of the file and its folder.",
  EPERM: "may not be written by this user. Check the permissions of the file and its folder.",
  EISDIR: "is a folder. Give the path of a file.",
  EROFS: "cannot be written: its disk is read-only.",
  ETXTBSY: "cannot be written: another program uses it.",
  ENXIO: "is a named pipe that nobody reads. Start its reader first.",
  ENAMETOOLONG: "cannot be created: the name is too long.",
};

const fullCodes = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);
const closedCodes = new Set(["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED", "ERR_STREAM_PREMATURE_CLOSE", "ERR_STREAM_WRITE_AFTER_END"]);

/** What the system said about writing `label`, as ours. */
export function writeError(error: unknown, label: string, details: ErrorDetails = {}): RoomtoneError {
  if (isRoomtoneError(error)) return error;
  const code = codeOf(error);
  if (fullCodes.has(code)) {
    return new RoomtoneError("disk-full", `${label} cannot grow: the disk is full. What was written so far plays.`, details, {
      cause: error,
    });
  }
  return new RoomtoneError("output-unwritable", `${label} ${problems[code] ?? "could not be written."}`, details, { cause: error });
}

/** Whether whoever read what we write has gone: no failure of ours. */
export function isReaderGone(error: unknown): boolean {
  return closedCodes.has(codeOf(error));
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? "";
}
