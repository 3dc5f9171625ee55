import { createRequire } from "node:module";
import type { ListedDevice } from "./device-protocol.js";

/** What naudiodon's binding gives of a stream. Each call but `start` runs on a thread of its own. */
export interface PortAudioStream {
  start(): void;
  /** Waits until so many bytes are there. */
  read(bytes: number): Promise<{ readonly buf?: Buffer; readonly finished?: boolean }>;
  /** Waits until the queue has room for `block`. */
  write(block: Buffer): Promise<unknown>;
  /** Once only: two of them at a time wait for each other for ever. */
  quit(how: "ABORT" | "WAIT"): Promise<void>;
}

interface StreamOptions {
  /** An id that is not there opens the default device without a word. */
  readonly deviceId: number;
  readonly sampleRate: number;
  readonly channelCount: number;
  readonly sampleFormat: 16;
  readonly framesPerBuffer: number;
  /** Blocks held between PortAudio and us. A full queue blocks PortAudio's own thread. */
  readonly maxQueue: number;
  /** With true an overflow would end the stream. */
  readonly closeOnError: false;
}

interface Binding {
  getDevices(): Array<{
    readonly id: number;
    readonly name: string;
    readonly maxInputChannels: number;
    readonly maxOutputChannels: number;
    readonly defaultSampleRate: number;
    readonly hostAPIName: string;
  }>;
  getHostAPIs(): {
    readonly defaultHostAPI: number;
    readonly HostAPIs: Array<{ readonly name: string; readonly defaultInput: number; readonly defaultOutput: number }>;
  };
  create(options: { readonly inOptions?: StreamOptions; readonly outOptions?: StreamOptions }): PortAudioStream;
}

/** naudiodon's binding. Its calls take as long as the sound daemon does, for ever where that hangs: call them in a process that may be killed. */
export class PortAudio {
  readonly #binding: Binding;

  /** @throws what `require` throws where the binding does not load */
  constructor(bindingPath: string) {
    this.#binding = createRequire(import.meta.url)(bindingPath) as Binding;
  }

  /** The devices of now. While a stream is open, those of the moment when it was opened. */
  devices(): ListedDevice[] {
    const listed = this.#binding.getDevices();
    const { defaultHostAPI, HostAPIs } = this.#binding.getHostAPIs();
    const standard = HostAPIs[defaultHostAPI];
    return listed.map((device) => ({
      id: device.id,
      name: device.name,
      hostApi: device.hostAPIName,
      isDefaultHostApi: device.hostAPIName === standard?.name,
      isDefaultInput: device.id === standard?.defaultInput,
      isDefaultOutput: device.id === standard?.defaultOutput,
      maxInputChannels: device.maxInputChannels,
      maxOutputChannels: device.maxOutputChannels,
      defaultSampleRateHz: device.defaultSampleRate,
    }));
  }

  /** @throws an error with PortAudio's words. The list of devices is stale from then on. */
  open(kind: "input" | "output", options: StreamOptions): PortAudioStream {
    return this.#binding.create(kind === "input" ? { inOptions: options } : { outOptions: options });
  }
}
