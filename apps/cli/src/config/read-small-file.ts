import { close, constants, createReadStream, fstat, open } from "node:fs";
import { Socket } from "node:net";
import { promisify } from "node:util";

/** Longer than any token or list of variables, short enough that a wrong file is noticed. */
const MAX_BYTES = 65_536;

/**
 * The text of a small file, or of what a pipe holds (`--token-file <(command)`). A named pipe
 * is waited for until somebody writes to it, and not in a thread, which would hold up the process's end.
 * @throws the system's error, `EFBIG` where it is longer than 64 KiB, and the signal's reason
 */
export async function readSmallFile(path: string, signal?: AbortSignal): Promise<string> {
  signal?.throwIfAborted();
  const fd = await promisify(open)(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const kind = await promisify(fstat)(fd).catch(async (error: unknown) => {
    await promisify(close)(fd);
    throw error;
  });
  const aborting = signal && { signal };
  // Either closes the descriptor when the loop is left.
  const stream = kind.isFIFO()
    ? new Socket({ fd, readable: true, writable: false, ...aborting })
    : createReadStream("", { fd, end: MAX_BYTES, ...aborting });
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAX_BYTES) throw Object.assign(new Error("too long"), { code: "EFBIG" });
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
  return Buffer.concat(chunks).toString("utf8");
}
