import { type FileHandle, open } from "node:fs/promises";
import type { Writable } from "node:stream";
import type { AudioFormat } from "@roomtone/core";
import { pipedWavHeader, wavFileHeader } from "./wav-header.js";

/** Where samples go. Errors are the system's own. */
export interface WavSink {
  /** Whether a write waits for somebody to read, perhaps for ever. */
  readonly mayStall: boolean;
  /** Resolves when the system has taken the samples. */
  write(samples: Uint8Array): Promise<void>;
  /** Makes what was written complete, and lets go of what the sink itself opened. Idempotent. */
  close(): Promise<void>;
}

/** A WAV into something that only goes forward. It stays open: it is its opener's. */
export class WavPipe implements WavSink {
  readonly mayStall = true;
  readonly #writable: Writable;
  readonly #header: Uint8Array;
  #begun = false;

  constructor(writable: Writable, format: AudioFormat) {
    this.#writable = writable;
    this.#header = pipedWavHeader(format);
  }

  async write(samples: Uint8Array): Promise<void> {
    await this.#begin();
    await this.#put(samples);
  }

  close(): Promise<void> {
    return this.#writable.destroyed ? Promise.resolve() : this.#begin(); // no audio at all is an empty WAV, not nothing
  }

  async #begin(): Promise<void> {
    if (this.#begun) return;
    this.#begun = true;
    await this.#put(this.#header);
  }

  #put(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#writable.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }
}

/** A WAV file that is complete, but for its last second, at any moment: the header follows the samples. */
export class WavFile implements WavSink {
  readonly mayStall = false;
  readonly #handle: FileHandle;
  readonly #format: AudioFormat;
  #dataBytes = 0;
  #declaredBytes = -1;
  #closing: Promise<void> | undefined;

  private constructor(handle: FileHandle, format: AudioFormat) {
    this.#handle = handle;
    this.#format = format;
  }

  /** Creates or empties the file. A pipe or device of that name is written forward only. */
  static async open(path: string, format: AudioFormat): Promise<WavSink> {
    const handle = await open(path, "w");
    if ((await handle.stat()).isFile()) return new WavFile(handle, format);
    const writable = handle.createWriteStream();
    const pipe = new WavPipe(writable, format);
    return {
      mayStall: true,
      write: (samples) => pipe.write(samples),
      close: async () => {
        await pipe.close();
        await new Promise<void>((resolve) => {
          writable.once("close", resolve);
          if (writable.closed) resolve();
          writable.end();
        });
      },
    };
  }

  async write(samples: Uint8Array): Promise<void> {
    const headerBytes = wavFileHeader(this.#format, 0).length;
    await writeFully(this.#handle, samples, headerBytes + this.#dataBytes);
    this.#dataBytes += samples.length;
    const bytesPerSecond = this.#format.sampleRateHz * this.#format.channels * 2;
    if (this.#declaredBytes < 0 || this.#dataBytes - this.#declaredBytes >= bytesPerSecond) await this.#declare();
  }

  close(): Promise<void> {
    this.#closing ??= this.#declare().finally(() => this.#handle.close());
    return this.#closing;
  }

  async #declare(): Promise<void> {
    await writeFully(this.#handle, wavFileHeader(this.#format, this.#dataBytes), 0);
    this.#declaredBytes = this.#dataBytes;
  }
}

/** `FileHandle.write` may take less than it was given, as on a disk that fills up. */
async function writeFully(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await handle.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
  }
}
