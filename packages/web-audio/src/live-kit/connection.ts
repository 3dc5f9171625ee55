import {
  type DataChannel,
  type DriverConnectOptions,
  type DriverEvent,
  type DriverPublishOptions,
  isTrackCapture,
  type ParticipantInfo,
  type PublishableCapture,
  type PublishedTrack,
  type RemoteParticipantState,
  type RoomInfo,
  RoomtoneError,
  type SendDataOptions,
} from "@roomtone/core";
import type { LocalTrackPublication, Room } from "livekit-client";
import { clearPageTimer, setPageTimer } from "../page-clock.js";
import { dataError } from "../vendor-errors.js";
import { audioSettings } from "./audio-settings.js";
import type { LiveKit } from "./load-live-kit.js";
import { describeParticipant, describeRemoteParticipant, describeRoom } from "./participants.js";
import { type LiveKitTrack, publishTrack } from "./published-track.js";
import { RemotePlayback } from "./remote-audio.js";
import { forwardRoomEvents } from "./room-events.js";

/** `close()` takes no longer, even where the server is gone. */
const CLOSE_DEADLINE_MS = 450;
/** Where the server is slow to give a new room its id, the room goes on without. */
const ROOM_SID_DEADLINE_MS = 1000;
/** The client looks so late whether media flows again, however soon it does. */
const CLIENT_RESUME_MS = 2000;
const RESUME_POLL_MS = 50;
/** A message that is not repeated is one packet. */
const LARGEST_LOSSY_BYTES = 1300;

type PublishSignal = Parameters<DataChannel["publish"]>[2];

/** One connection to a room through livekit-client. */
export class LiveKitConnection implements DataChannel {
  participants: readonly RemoteParticipantState[] = [];
  readonly #liveKit: LiveKit;
  readonly #room: Room;
  readonly #on: (event: DriverEvent) => void;
  readonly #tracks = new Set<LiveKitTrack>();
  /** As the client's own, but for `beforeunload`. A page that browsers keep, and bring back, rejoins. */
  readonly #leavePage = () => void this.#room.disconnect(false);
  #connected = false;
  #ended = false;
  #sid = "";
  #closing: Promise<void> | undefined;

  /** Made before the room connects, so that what happens while joining is in `participants` or an event, and never both. */
  constructor(liveKit: LiveKit, room: Room, { on, subscribe, token }: DriverConnectOptions) {
    this.#liveKit = liveKit;
    this.#room = room;
    this.#on = on;
    room.once(liveKit.RoomEvent.Connected, () => {
      this.participants = [...room.remoteParticipants.values()].map(describeRemoteParticipant);
      this.#connected = true;
    });
    window.addEventListener("pagehide", this.#leavePage);
    const playback = new RemotePlayback((resume) => this.#tell({ type: "playback-blocked", resume }));
    forwardRoomEvents(liveKit, room, {
      subscribe,
      token,
      playback,
      tell: (event) => this.#tell(event),
      end: (reason) => this.#end(reason),
      signalResumed: () => void this.#watchResume(),
      roomInfo: () => this.room,
      trackOf: (publication) => this.#find(publication),
    });
  }

  get room(): RoomInfo {
    return describeRoom(this.#room, this.#sid);
  }

  get localParticipant(): ParticipantInfo {
    return describeParticipant(this.#room.localParticipant);
  }

  /** After the room has connected. */
  async joined(): Promise<void> {
    this.#sid = await within(ROOM_SID_DEADLINE_MS, this.#room.getSid(), "");
  }

  async publish(capture: PublishableCapture, options: DriverPublishOptions, signal: PublishSignal): Promise<PublishedTrack> {
    if (!isTrackCapture(capture)) {
      throw new RoomtoneError("unsupported", "In the browser a MediaStreamTrack is published: open the capture with openMicrophone.");
    }
    const settings = audioSettings(options.profile, options.opus, capture.format.channels);
    signal.throwIfAborted();
    if (this.#ended) throw new RoomtoneError("server-unreachable", "The room's connection is over.", { retryable: true });
    const track = await publishTrack(this.#liveKit, this.#room, capture, { ...options, settings }, signal, {
      add: (published) => this.#tracks.add(published),
      remove: (published) => this.#tracks.delete(published),
    });
    return track;
  }

  async sendData(payload: Uint8Array, { reliable = true, topic, to = [] }: SendDataOptions): Promise<void> {
    if (!reliable && payload.byteLength > LARGEST_LOSSY_BYTES) {
      throw new RoomtoneError("invalid-settings", `A message that is not reliable holds ${LARGEST_LOSSY_BYTES} bytes at the most.`, {
        setting: "payload",
      });
    }
    try {
      await this.#room.localParticipant.publishData(new Uint8Array(payload), {
        reliable,
        destinationIdentities: [...to],
        ...(topic === undefined ? {} : { topic }),
      });
    } catch (error) {
      throw dataError(error);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#ended = true;
    await within(CLOSE_DEADLINE_MS, this.#room.disconnect(false), undefined);
    this.#release();
  }

  #tell(event: DriverEvent): void {
    if (this.#connected && !this.#ended) this.#on(event);
  }

  /** Tells of a resume as soon as the network's other end answers, where something is published; else the client tells it. */
  async #watchResume(): Promise<void> {
    const mark = async () => [...this.#tracks][0]?.connectivity();
    try {
      const before = await mark();
      for (let waitedMs = 0; waitedMs < CLIENT_RESUME_MS && !this.#ended; waitedMs += RESUME_POLL_MS) {
        await new Promise<void>((resolve) => setPageTimer(resolve, RESUME_POLL_MS));
        const now = await mark();
        if (now === undefined || now === before) continue;
        this.#tell({ type: "resumed" });
        return;
      }
    } catch {
      // Without statistics the client's own word counts.
    }
  }

  /** The connection ended by itself: the room is let go of at once, so that the next join does not meet it. */
  #end(reason: Extract<DriverEvent, { type: "disconnected" }>["reason"]): void {
    if (this.#ended || !this.#connected) return;
    this.#on({ type: "disconnected", reason });
    void this.close();
  }

  #release(): void {
    for (const track of this.#tracks) track.release();
    this.#tracks.clear();
    window.removeEventListener("pagehide", this.#leavePage);
    this.#room.removeAllListeners();
  }

  #find(publication: LocalTrackPublication): LiveKitTrack | undefined {
    return [...this.#tracks].find((track) => track.owns(publication));
  }
}

async function within<Value, Fallback>(durationMs: number, work: Promise<Value>, fallback: Fallback): Promise<Value | Fallback> {
  let timer: number | undefined;
  const deadline = new Promise<Fallback>((resolve) => {
    timer = setPageTimer(() => resolve(fallback), durationMs);
  });
  try {
    return await Promise.race([work.catch(() => fallback), deadline]);
  } finally {
    clearPageTimer(timer);
  }
}
