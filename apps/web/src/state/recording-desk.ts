import { type RoomtoneError, toRoomtoneError } from "@roomtone/core";
import type { RecordedSource, Recording } from "@roomtone/web-audio/recorder";
import { recordingAdvice } from "./recording-advice.js";
import { Store } from "./store.js";

export type RecordingSubject = "room" | "microphone";

export interface RecordingState {
  readonly status: "idle" | "starting" | "recording" | "saving";
  readonly subject: RecordingSubject;
  readonly startedAtMs: number;
  readonly error: RoomtoneError | undefined;
  /** What became of the last one, in a sentence. */
  readonly notice: string;
}

/** A recording is kept in memory until it is saved, about 1 MB a minute: it ends by itself before that hurts. */
const LONGEST_MS = 2 * 3600 * 1000;

/** Records into a file that is downloaded when the recording stops. */
export class RecordingDesk extends Store<RecordingState> {
  #recording: Recording<void> | undefined;
  #limit: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super({ status: "idle", subject: "room", startedAtMs: 0, error: undefined, notice: "" });
  }

  async start(subject: RecordingSubject, sources: readonly RecordedSource[], roomName: string): Promise<void> {
    if (this.get().status !== "idle") return;
    this.set({ status: "starting", subject, startedAtMs: Date.now(), error: undefined, notice: "" });
    window.addEventListener("beforeunload", askToStay);
    try {
      const { recordToFile } = await import("@roomtone/web-audio/recorder");
      const recording = await recordToFile(sources, fileName(roomName, new Date()));
      this.#recording = recording;
      this.#limit = setTimeout(() => void this.stop(), LONGEST_MS);
      this.change({ status: "recording", startedAtMs: Date.now() });
      void recording.ended.then((error) => {
        if (error && this.#recording === recording) this.#fail(error);
      });
    } catch (error) {
      this.#fail(toRoomtoneError(error));
    }
  }

  /** Saves what was recorded. */
  async stop(): Promise<void> {
    const recording = this.#recording;
    if (!recording || this.get().status !== "recording") return;
    clearTimeout(this.#limit);
    this.change({ status: "saving" });
    try {
      await recording.stop();
      this.#recording = undefined;
      window.removeEventListener("beforeunload", askToStay);
      this.change({ status: "idle", notice: "The recording is in your downloads." });
    } catch (error) {
      this.#fail(toRoomtoneError(error));
    }
  }

  #fail(error: RoomtoneError): void {
    clearTimeout(this.#limit);
    window.removeEventListener("beforeunload", askToStay);
    this.#recording = undefined;
    this.change({ status: "idle", error, notice: recordingAdvice(error) });
  }
}

/** What is recorded is gone with the page: the browser asks whether it may be left. */
function askToStay(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function fileName(roomName: string, at: Date): string {
  const room = roomName.replace(/[^\p{L}\p{N}-]+/gu, "-").replace(/^-+|-+$/g, "") || "room";
  return `${room.slice(0, 60)}-${at.toISOString().slice(0, 19).replaceAll(":", "")}.webm`;
}
