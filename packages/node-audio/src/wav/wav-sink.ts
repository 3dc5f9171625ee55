import { constants, open } from "node:fs";
import { type FileHandle, open as openFile, stat } from "node:fs/promises";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { promisify } from "node:util";
import type { AudioFormat } from "@roomtone/core";
import { pipedWavHeader, wavFileHeader } from "./wav-header.js";

/** How long a named pipe's reader may take for what is left. */
const CLOSE_PATIENCE_MS = 1000;

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

/** A named pipe. Neither its opening nor a write waits in a thread, which would hold up the process's end. */
class NamedWavPipe extends WavPipe {
  readonly #socket: Socket;

  private constructor(socket: Socket, format: AudioFormat) {
    super(socket, format);
    this.#socket = socket;
  }

  static async open(path: string, format: AudioFormat): Promise<WavSink> {
    // Without a reader this fails with ENXIO, where a plain opening would wait for one.
    const fd = await promisify(open)(path, constants.O_WRONLY | constants.O_NONBLOCK);
    const socket = new Socket({ fd, readable: false, writable: true });
    socket.on("error", () => {}); // each write's callback has it
    return new NamedWavPipe(socket, format);
  }

  override async close(): Promise<void> {
    const patience = setTimeout(() => this.#socket.destroy(), CLOSE_PATIENCE_MS);
    try {
      await super.close();
      await new Promise<void>((resolve) => this.#socket.end(resolve));
    } finally {
      clearTimeout(patience);
      this.#socket.destroy();
    }
  }
}

/**
 * A WAV file that is complete, but for its last second, at any moment: the header follows the samples. What is no regular file
 * (a device) only goes forward, as a pipe does.
 */
export class WavFile implements WavSink {
  readonly mayStall: boolean;
  readonly #handle: FileHandle;
  readonly #format: AudioFormat;
  #dataBytes = 0;
  #declaredBytes: number | undefined;
  #closing: Promise<void> | undefined;

  private constructor(handle: FileHandle, format: AudioFormat, seekable: boolean) {
    this.#handle = handle;
    this.#format = format;
    this.mayStall = !seekable;
  }

  /** Creates or empties the file. */
  static async open(path: string, format: AudioFormat): Promise<WavSink> {
    if ((await stat(path).catch(() => undefined))?.isFIFO()) return NamedWavPipe.open(path, format);
    const handle = await openFile(path, "w");
    return new WavFile(handle, format, (await handle.stat()).isFile());
  }

  async write(samples: Uint8Array): Promise<void> {
    if (this.mayStall) {
      await this.#declare();
      await this.#put(samples, null);
      return;
    }
    await this.#put(samples, wavFileHeader(this.#format, 0).length + this.#dataBytes);
    this.#dataBytes += samples.length;
    const bytesPerSecond = this.#format.sampleRateHz * this.#format.channels * 2;
    if (this.#declaredBytes === undefined || this.#dataBytes - this.#declaredBytes >= bytesPerSecond) await this.#declare();
  }

  close(): Promise<void> {
    this.#closing ??= this.#declare().finally(() => this.#handle.close());
    return this.#closing;
  }

  async #declare(): Promise<void> {
    const first = this.#declaredBytes === undefined;
    this.#declaredBytes = this.#dataBytes;
    if (!this.mayStall) await this.#put(wavFileHeader(this.#format, this.#dataBytes), 0);
    else if (first) await this.#put(pipedWavHeader(this.#format), null);
  }

  /** The system may take less than it was given, as on a disk that fills up. */
  async #put(bytes: Uint8Array, position: number | null): Promise<void> {
    for (let written = 0; written < bytes.length; ) {
      const place = position === null ? null : position + written;
      written += (await this.#handle.write(bytes, written, bytes.length - written, place)).bytesWritten;
    }
  }
}
