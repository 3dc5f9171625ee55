import { type RoomEvent, type RoomtoneError, toRoomtoneError } from "@roomtone/core";
import { type Microphone, openRoomAudio, type Publication, type RoomAudio, type RoomSession } from "@roomtone/web-audio";
import { Chat, encodeMessage } from "./chat.js";
import { EventLog } from "./event-log.js";
import { NetworkHistory } from "./network-history.js";
import { RecordingDesk, type RecordingSubject } from "./recording-desk.js";
import { RoomMeters } from "./room-meters.js";
import { initialStayState, reduceStay, type StayState } from "./stay-state.js";
import { Store } from "./store.js";

export const SAMPLE_INTERVAL_MS = 1_000;

/** One stay in one room: what the session tells, what is published into it, and what is heard of it. */
export class Stay extends Store<StayState> {
  readonly audio: RoomAudio = openRoomAudio();
  readonly meters = new RoomMeters(this.audio);
  readonly chat = new Chat();
  readonly network = new NetworkHistory();
  readonly recording = new RecordingDesk();
  readonly log = new EventLog();
  /** In percent, by identity: a person who comes back after an outage is as loud as before. */
  readonly volumes = new Map<string, number>();
  #session: RoomSession | undefined;
  #publication: Publication | undefined;
  #microphone: Microphone | undefined;
  #resumePlayback: (() => Promise<void>) | undefined;
  #sampling: ReturnType<typeof setInterval> | undefined;
  #closing: Promise<void> | undefined;

  constructor() {
    super({ ...initialStayState, joinedAtMs: Date.now() });
  }

  get driver(): string {
    return this.#session?.driver ?? "";
  }

  get isMuted(): boolean {
    return this.get().room.publications[0]?.muted ?? false;
  }

  /** For `joinRoom`'s `on.any`. */
  readonly take = (event: RoomEvent): void => {
    this.audio.callbacks.any?.(event);
    this.log.take(event);
    this.set(reduceStay(this.get(), event));
    if (event.type === "playback-blocked") this.#resumePlayback = event.resume;
    if (event.type === "data-received") this.chat.receive(event);
    if (event.type === "participant-joined") this.chat.meet(event.participant);
  };

  /** The room is joined. */
  begin(session: RoomSession): void {
    this.#session = session;
    // What went wrong on the way in is over.
    this.change({ joinedAtMs: Date.now(), notice: "" });
    this.#sampling = setInterval(() => void this.#sample(), SAMPLE_INTERVAL_MS);
  }

  async speak(microphone: Microphone, muted: boolean): Promise<void> {
    if (!this.#session || this.get().speaking !== "no") return;
    this.#microphone = microphone;
    this.change({ speaking: "starting", publishError: undefined });
    try {
      const publication = await this.#session.publish(microphone, { name: "microphone", muted });
      this.#publication = publication;
      this.change({ speaking: "yes" });
      void publication.ended.then(({ error }) => this.#fallSilent(error));
    } catch (error) {
      if (!this.#closing) this.change({ speaking: "no", publishError: toRoomtoneError(error) });
    }
  }

  async setMuted(muted: boolean): Promise<void> {
    this.change({ holding: false });
    await this.#setMuted(muted);
  }

  /** Unmutes for as long as it is held. */
  async hold(held: boolean): Promise<void> {
    if (held === this.get().holding || !this.#publication || (held && !this.isMuted)) return;
    this.change({ holding: held });
    await this.#setMuted(!held);
  }

  /** Call it from a click. */
  async resumePlayback(): Promise<void> {
    try {
      await Promise.all([this.#resumePlayback?.(), this.meters.resume()]);
      this.change({ playbackBlocked: false });
    } catch (error) {
      this.change({ notice: toRoomtoneError(error).message });
    }
  }

  /** @throws RoomtoneError as `sendData` */
  async say(text: string): Promise<void> {
    await this.#session?.sendData(encodeMessage(text), { topic: "roomtone.chat" });
    this.chat.sent(text.trim());
  }

  record(subject: RecordingSubject): Promise<void> {
    const own = this.#microphone ? [this.#microphone] : [];
    return this.recording.start(subject, subject === "room" ? [this.audio, ...own] : own, this.get().room.room?.name ?? "");
  }

  /** Leaves, saving a recording that runs. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#sampling);
    await this.recording.stop();
    // Before the tracks go: the meters' context outlasts the last of them.
    const unmetered = this.meters.close();
    this.audio.close();
    await Promise.all([this.#session?.close(), unmetered]);
  }

  /** What was published is over before the room is: the microphone was taken away, or the right to publish. */
  #fallSilent(publishError: RoomtoneError | undefined): void {
    if (this.#closing) return;
    this.#publication = undefined;
    this.change({ speaking: "no", holding: false, publishError });
  }

  async #setMuted(muted: boolean): Promise<void> {
    try {
      await this.#publication?.setMuted(muted);
    } catch (error) {
      this.change({ notice: toRoomtoneError(error).message });
    }
  }

  async #sample(): Promise<void> {
    const sample =
      this.get().room.connection === "reconnecting" ? undefined : await this.#publication?.networkSample().catch(() => undefined);
    if (!this.#closing) this.network.add(sample, performance.now());
  }
}
