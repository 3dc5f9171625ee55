import { type FileHandle, open, stat } from "node:fs/promises";
import { RoomtoneError } from "@roomtone/core";

/** A file that only ever holds whole pages. */
export interface RecordingFile {
  /** Appends `bytes`. Where that fails, the file is cut back to what it held. @throws RoomtoneError `disk-full`, `output-unwritable` */
  append(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** @throws RoomtoneError `output-unwritable` (also where a file with content is there and `overwrite` is false), `disk-full` */
export async function openRecordingFile(path: string, overwrite: boolean): Promise<RecordingFile> {
  const existing = await stat(path).catch(() => undefined);
  if (existing?.isFile() && existing.size > 0 && !overwrite) {
    throw new RoomtoneError("output-unwritable", `${path} exists already: name another file, or allow it to be overwritten.`, { path });
  }
  if (existing?.isFIFO() || existing?.isSocket()) {
    const message = `Cannot record to ${path}: it is a pipe, and a recording that survives a crash is a file.`;
    throw new RoomtoneError("output-unwritable", message, { path });
  }
  const handle = await open(path, "w").catch((error: unknown) => {
    throw writeFailure(path, error);
  });
  return new AppendOnlyFile(path, handle);
}

class AppendOnlyFile implements RecordingFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  #length = 0;

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  async append(bytes: Uint8Array): Promise<void> {
    try {
      for (let written = 0; written < bytes.byteLength; ) {
        written += (await this.#handle.write(bytes, written)).bytesWritten;
      }
      this.#length += bytes.byteLength;
    } catch (error) {
      await this.#handle.truncate(this.#length).catch(() => {}); // a pipe cannot be cut back
      throw writeFailure(this.#path, error);
    }
  }

  async close(): Promise<void> {
    await this.#handle.close().catch((error: unknown) => {
      throw writeFailure(this.#path, error);
    });
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  EROFS: "the file system is read-only",
  ENOENT: "its folder does not exist",
  ENOTDIR: "its folder is not a folder",
  EISDIR: "it is a folder",
  EPIPE: "its reader is gone",
};

function writeFailure(path: string, error: unknown): RoomtoneError {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") {
    return new RoomtoneError(
      "disk-full",
      `There is no room left to record to ${path}: what was written so far plays.`,
      { path },
      { cause: error },
    );
  }
  const reason = reasons[code] ?? `the system says ${code || "no"}`;
  return new RoomtoneError("output-unwritable", `Cannot record to ${path}: ${reason}.`, { path }, { cause: error });
}
