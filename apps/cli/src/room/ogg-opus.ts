import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";

/** An Ogg page's header with one segment, and the mark of the packet behind it. */
const MARKED_BYTES = 36;

/** Whether a file begins as Ogg Opus does. False where it cannot be read: whoever opens it tells why. */
export async function isOggOpusFile(path: string): Promise<boolean> {
  // A named pipe that nobody writes to would hold the opening, and the process's end, for ever.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(() => undefined);
  if (!handle) return false;
  try {
    if (!(await handle.stat()).isFile()) return false;
    const beginning = Buffer.alloc(MARKED_BYTES);
    await handle.read(beginning, 0, MARKED_BYTES, 0);
    return isMarked(beginning);
  } catch {
    return false;
  } finally {
    await handle.close();
  }
}

/** Whether `stream` begins as Ogg Opus does, once it has begun. Nothing is taken from it. */
export async function isOggOpusStream(stream: Readable, signal: AbortSignal): Promise<boolean> {
  const beginning = await peek(stream, MARKED_BYTES, signal);
  return isMarked(beginning);
}

function isMarked(beginning: Buffer): boolean {
  const text = beginning.toString("latin1");
  return text.startsWith("OggS") && text.slice(28, MARKED_BYTES) === "OpusHead";
}

/** The first `count` bytes of `stream`, put back; fewer where it ends before. Rejects with the signal's reason. */
function peek(stream: Readable, count: number, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let taken: Buffer = Buffer.alloc(0);
    const settle = (done: () => void) => {
      stream.off("readable", look).off("end", finish).off("error", finish).off("close", finish);
      signal.removeEventListener("abort", give);
      done();
    };
    const finish = () =>
      settle(() => {
        if (taken.length > 0 && !stream.readableEnded) stream.unshift(taken);
        resolve(taken);
      });
    const give = () => settle(() => reject(signal.reason));
    const look = () => {
      for (let chunk = stream.read() as Buffer | string | null; chunk !== null; chunk = stream.read() as Buffer | string | null) {
        taken = Buffer.concat([taken, typeof chunk === "string" ? Buffer.from(chunk) : chunk]);
        if (taken.length >= count) return finish();
      }
      // A stream that is at its end cannot take anything back.
      if (stream.readableEnded) finish();
    };
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", give, { once: true });
    stream.on("readable", look).once("end", finish).once("error", finish).once("close", finish);
  });
}
