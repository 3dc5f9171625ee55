import type { InputStream } from "../io.js";

/** Longer than any token, short enough that a wrong file is noticed. */
const MAX_BYTES = 65_536;

/**
 * The first line of `stream` that is not empty, without the white space around it; empty at its end.
 * The stream is left paused, and what follows the line stays unread by nobody's fault but the sender's.
 */
export async function readFirstLine(stream: InputStream, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    let text = "";
    const settle = (finish: () => void) => {
      stream.off("data", onData).off("end", onEnd).off("error", onEnd);
      signal.removeEventListener("abort", onAbort);
      stream.pause();
      finish();
    };
    const onData = (chunk: Buffer | string) => {
      text += chunk.toString();
      const line = text
        .split("\n")
        .slice(0, -1)
        .map((part) => part.trim())
        .find((part) => part !== "");
      if (line !== undefined) settle(() => resolve(line));
      else if (text.length > MAX_BYTES) settle(() => resolve(text.trim()));
    };
    const onEnd = () => settle(() => resolve(text.trim()));
    const onAbort = () => settle(() => reject(signal.reason));
    stream.on("data", onData).on("end", onEnd).on("error", onEnd);
    signal.addEventListener("abort", onAbort);
    stream.resume();
  });
}
