import type { Readable } from "node:stream";
import { readError, unreadable } from "../decoders/input-errors.js";

/** The stream's chunks; its failure as ours. */
export async function* chunksOf(readable: Readable, label: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of readable) {
      if (!(chunk instanceof Uint8Array)) throw unreadable(label, "delivers text instead of bytes: set no encoding on it.");
      yield chunk;
    }
  } catch (error) {
    throw readError(error, label);
  }
}

/** Lets go of `readable`, and ends a read that is pending. */
export function destroy(readable: Readable): void {
  readable.on("error", () => {}); // destroying may make it report what nobody can act on any more
  readable.destroy();
}
