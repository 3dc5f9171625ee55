import { isRoomtoneError, type RoomtoneError, toRoomtoneError } from "@roomtone/core";
import { type Microphone, openMicrophone } from "@roomtone/web-audio";
import { type Meter, openMeter } from "@roomtone/web-audio/meter";
import { Store } from "./store.js";

export interface MicrophoneState {
  readonly status: "off" | "opening" | "open" | "lost" | "failed";
  readonly microphone: Microphone | undefined;
  /** Undefined also where this browser cannot measure. */
  readonly meter: Meter | undefined;
  readonly deviceId: string;
  readonly deviceName: string;
  /** Why it failed. */
  readonly error: RoomtoneError | undefined;
  /** What happened to it of late, in a sentence. */
  readonly notice: string;
}

const off: MicrophoneState = {
  status: "off",
  microphone: undefined,
  meter: undefined,
  deviceId: "",
  deviceName: "",
  error: undefined,
  notice: "",
};

/** The one microphone of the page, from the lobby through the room. */
export class MicrophoneDesk extends Store<MicrophoneState> {
  #opening: Promise<Microphone | undefined> | undefined;
  /** Aborted when what is being opened is not wanted any more: the person may have left the browser's question open. */
  #wanted = new AbortController();

  constructor() {
    super(off);
  }

  /** Opens `deviceId`, or the default; what goes wrong is in the state. Resolves with the open microphone. */
  open(deviceId = ""): Promise<Microphone | undefined> {
    const { microphone } = this.get();
    if (microphone) return Promise.resolve(microphone);
    if (this.#opening) return this.#opening;
    const opening = this.#open(deviceId, this.#wanted.signal).finally(() => {
      if (this.#opening === opening) this.#opening = undefined;
    });
    this.#opening = opening;
    return opening;
  }

  /** Goes on with another device. The publication keeps its track. */
  async choose(deviceId: string): Promise<void> {
    const { microphone } = this.get();
    if (!microphone) {
      await this.open(deviceId);
      return;
    }
    try {
      await microphone.switchDevice(deviceId);
      this.change({ ...facts(microphone), notice: `Using ${microphone.track.label || "another microphone"}.` });
    } catch (error) {
      this.change({ notice: toRoomtoneError(error, "device-not-found").message });
    }
  }

  async close(): Promise<void> {
    this.#wanted.abort();
    this.#wanted = new AbortController();
    this.#opening = undefined;
    const { microphone, meter } = this.get();
    this.set(off);
    await Promise.all([meter?.close(), microphone?.close()]);
  }

  async #open(deviceId: string, signal: AbortSignal): Promise<Microphone | undefined> {
    this.set({ ...off, status: "opening" });
    try {
      const microphone = await openMicrophone({
        ...(deviceId ? { deviceId } : {}),
        signal,
        onWarning: (notice) => this.change({ notice }),
      });
      if (signal.aborted) {
        await microphone.close();
        return undefined;
      }
      this.change({ status: "open", microphone, ...facts(microphone) });
      this.#follow(microphone);
      await this.#measure(microphone);
      return microphone;
    } catch (error) {
      if (!signal.aborted) this.set({ ...off, status: "failed", error: toRoomtoneError(error) });
      return undefined;
    }
  }

  async #measure(microphone: Microphone): Promise<void> {
    try {
      const meter = await openMeter(microphone);
      if (this.get().microphone === microphone) this.change({ meter });
      else await meter.close();
    } catch (error) {
      // A microphone without a meter is heard all the same.
      if (isRoomtoneError(error)) this.change({ notice: error.message });
    }
  }

  #follow(microphone: Microphone): void {
    microphone.on((event) => {
      if (event.type === "device-lost") {
        this.change({ status: "lost", notice: `${event.deviceName || "The microphone"} is gone; looking for it, or for another one.` });
        return;
      }
      const seconds = Math.max(1, Math.round(event.gapMs / 1000));
      const notice = `${event.deviceName || "The microphone"} ${event.fallback ? "takes over" : "is back"} after ${seconds} s.`;
      this.change({ status: "open", ...facts(microphone), notice });
    });
    microphone.onTrack(() => this.change(facts(microphone)));
    void microphone.ended.then((error) => {
      if (!error || this.get().microphone !== microphone) return;
      void this.get().meter?.close();
      this.set({ ...off, status: "failed", error });
    });
  }
}

function facts(microphone: Microphone): Pick<MicrophoneState, "deviceId" | "deviceName"> {
  return { deviceId: microphone.deviceId, deviceName: microphone.track.label };
}
