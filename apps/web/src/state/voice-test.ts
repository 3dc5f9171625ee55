import { toRoomtoneError } from "@roomtone/core";
import type { Microphone } from "@roomtone/web-audio";
import { recordingAdvice } from "./recording-advice.js";
import { Store } from "./store.js";

const TEST_MS = 3_000;

export interface VoiceTestState {
  readonly status: "idle" | "recording" | "playing" | "played" | "failed";
  readonly message: string;
}

/** Records three seconds of the microphone and plays them back. */
export class VoiceTest extends Store<VoiceTestState> {
  #abort = new AbortController();

  constructor() {
    super({ status: "idle", message: "" });
  }

  async run(microphone: Microphone): Promise<void> {
    this.stop();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    let address: string | undefined;
    try {
      this.set({ status: "recording", message: "Say something: recording three seconds." });
      const { recordToBlob } = await import("@roomtone/web-audio/recorder");
      const recording = await recordToBlob([microphone], { channels: 1 });
      await wait(TEST_MS, signal);
      if (signal.aborted) return void (await recording.cancel());
      address = URL.createObjectURL(await recording.stop());
      if (signal.aborted) return;
      this.set({ status: "playing", message: "Playing it back: this is how the others hear you." });
      await play(address, signal);
      if (!signal.aborted)
        this.set({ status: "played", message: "That was you. Too quiet or too loud? Move the microphone, and test again." });
    } catch (error) {
      if (!signal.aborted) this.set({ status: "failed", message: recordingAdvice(toRoomtoneError(error)) });
    } finally {
      if (address) URL.revokeObjectURL(address);
    }
  }

  stop(): void {
    this.#abort.abort();
    this.set({ status: "idle", message: "" });
  }
}

function wait(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, durationMs);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function play(address: string, signal: AbortSignal): Promise<void> {
  const element = new Audio(address);
  return new Promise((resolve, reject) => {
    element.addEventListener("ended", () => resolve(), { once: true });
    element.addEventListener("error", () => reject(new Error("the recording does not play")), { once: true });
    signal.addEventListener("abort", () => {
      element.pause();
      resolve();
    });
    element.play().catch(reject);
  });
}
