import type { LocalTrackPublication, Room, TrackPublication } from "@livekit/rtc-node";
import {
  type AbortSignalLike,
  type DataChannel,
  type DriverConnectOptions,
  type DriverEvent,
  type DriverPublishOptions,
  type ParticipantInfo,
  type PublishableCapture,
  type RemoteParticipantState,
  type RoomInfo,
  readToken,
  type SendDataOptions,
} from "@roomtone/core";
import { beforeDeadline, settlesWithin } from "../deadline.js";
import type { RtcNode } from "../natives/load-rtc-node.js";
import { checkDataMessage } from "./data-message.js";
import { RoomDescriber } from "./describe-room.js";
import { leaveRoom } from "./leave-room.js";
import { Permission } from "./permission.js";
import { createNativeTrack, type NativeTrack, RtcPublishedTrack, type TrackOwner, takesPcm } from "./published-track.js";
import { RoomNews } from "./room-news.js";
import { releaseRoom, setTrackMuted } from "./rtc-internals.js";
import { chooseTrackEncoding, type TrackEncoding } from "./track-encoding.js";
import { connectionOver, publishDeadline, publishRefused, sourceBroke } from "./vendor-errors.js";

/** rtc-node's own is 10 s, and it holds back every event of the room meanwhile. */
const PUBLISH_DEADLINE_MS = 8000;
const UNPUBLISH_BOUND_MS = 2000;
const SEND_DATA_DEADLINE_MS = 5000;
const ROOM_SID_BOUND_MS = 1000;

/** A room of rtc-node's, joined. */
export class RtcConnection implements DataChannel, TrackOwner {
  readonly localParticipant: ParticipantInfo;
  readonly participants: readonly RemoteParticipantState[];
  readonly #rtc: RtcNode;
  readonly #room: Room;
  readonly #describe: RoomDescriber;
  readonly #news: RoomNews;
  readonly #on: (event: DriverEvent) => void;
  readonly #permission: Permission;
  /** By rtc-node's publication: its object stays the same where the SID changes. */
  readonly #tracks = new Map<TrackPublication, RtcPublishedTrack>();
  #info: RoomInfo;
  #isOver = false;
  #closing: Promise<void> | undefined;

  constructor(rtc: RtcNode, room: Room, { token, on }: DriverConnectOptions) {
    this.#rtc = rtc;
    this.#room = room;
    this.#on = on;
    this.#describe = new RoomDescriber(rtc);
    this.#permission = new Permission(room, readToken(token).grants, this.#describe, () => this.#permissionChanged());
    this.#info = this.#describe.room(room, "");
    if (!room.localParticipant) throw connectionOver();
    this.localParticipant = this.#describe.info(room.localParticipant);
    this.participants = [...room.remoteParticipants.values()].map((participant) => this.#describe.participant(participant));
    const own = {
      muted: (publication: TrackPublication, muted: boolean) => this.#tracks.get(publication)?.tellMuted(muted),
      unpublished: (publication: LocalTrackPublication | undefined) => this.#lost(publication),
    };
    this.#news = new RoomNews(rtc, room, this.#describe, own, (event) => this.#tell(event));
  }

  get room(): RoomInfo {
    return this.#info;
  }

  /** The server may give the room its id after the join. */
  async learnRoomSid(): Promise<void> {
    const learning = this.#room.getSid().then(
      (sid) => {
        this.#info = this.#describe.room(this.#room, sid);
        this.#news.setRoomSid(sid);
      },
      () => {}, // it was disconnected meanwhile, and says so by its event
    );
    await settlesWithin(learning, ROOM_SID_BOUND_MS);
  }

  async publish(capture: PublishableCapture, options: DriverPublishOptions, signal: AbortSignalLike): Promise<RtcPublishedTrack> {
    signal.throwIfAborted();
    this.#checkOpen();
    const pcm = takesPcm(capture);
    const encoding = chooseTrackEncoding(options);
    const refusal = this.#permission.refusePublish(options.name, options.source);
    if (refusal) throw refusal;
    const native = createNativeTrack(this.#rtc, options.name);
    if (options.muted) setTrackMuted(native.track, true); // registered as muted, with no packet ever sent
    const publication = await this.#publishNative(native, options, encoding, signal);
    if (this.#isOver) {
      dispose(native);
      throw connectionOver();
    }
    const track = new RtcPublishedTrack(this.#rtc, this, { options, publication, native, capture: pcm });
    this.#tracks.set(publication, track);
    return track;
  }

  async sendData(payload: Uint8Array, { reliable = true, topic = "", to = [] }: SendDataOptions): Promise<void> {
    this.#checkOpen();
    checkDataMessage(payload, topic, reliable);
    const refusal = this.#permission.refuseData();
    if (refusal) throw refusal;
    const sending = this.#room.localParticipant?.publishData(payload.slice(), { reliable, topic, destination_identities: [...to] });
    await beforeDeadline(
      Promise.resolve(sending).catch(() => {
        throw connectionOver();
      }),
      { durationMs: SEND_DATA_DEADLINE_MS, expired: connectionOver },
    );
  }

  close(): Promise<void> {
    this.#closing ??= this.#leave();
    return this.#closing;
  }

  async unpublish(track: RtcPublishedTrack): Promise<void> {
    if (!this.#tracks.delete(track.publication)) return;
    const { localParticipant } = this.#room;
    const gone = this.#isOver || !localParticipant ? Promise.resolve() : localParticipant.unpublishTrack(track.sid);
    // Its handles go when the server has let go of the track, however long that takes; nobody waits for a server that is away.
    await settlesWithin(
      gone.catch(() => {}).then(() => dispose(track.native)),
      UNPUBLISH_BOUND_MS,
    );
  }

  mutedByServer({ id }: RtcPublishedTrack, muted: boolean): void {
    this.#tell({ type: "muted-by-server", trackId: id, muted });
  }

  sourceBroke(track: RtcPublishedTrack): void {
    void track.unpublish();
    this.#tell({ type: "track-lost", trackId: track.id, error: sourceBroke() });
  }

  async #publishNative(native: NativeTrack, { name, source }: DriverPublishOptions, encoding: TrackEncoding, signal: AbortSignalLike) {
    const { localParticipant } = this.#room;
    if (!localParticipant) throw connectionOver();
    const publishing = localParticipant.publishTrack(
      native.track,
      new this.#rtc.TrackPublishOptions({
        source: this.#describe.vendorSource(source),
        dtx: encoding.discontinuousTransmission,
        red: false, // else every packet carries its predecessor, at twice the bitrate that was asked for
        audioEncoding: { maxBitrate: BigInt(encoding.bitrateBps) },
      }),
    );
    try {
      return await beforeDeadline(publishing, { durationMs: PUBLISH_DEADLINE_MS, expired: publishDeadline, signal });
    } catch (error) {
      void publishing
        .then(({ sid }) => (sid === undefined || this.#isOver ? undefined : localParticipant.unpublishTrack(sid)))
        .catch(() => {})
        .then(() => dispose(native));
      if (signal.aborted || (error as { code?: string }).code === "server-unreachable") throw error;
      throw this.#isOver || !this.#room.isConnected ? connectionOver() : publishRefused(name);
    }
  }

  /** The server has thrown out what we may not publish any more, and told nobody here. */
  #permissionChanged(): void {
    if (this.#isOver) return;
    for (const track of [...this.#tracks.values()]) {
      const error = this.#permission.refusePublish(track.name, track.source);
      if (!error) continue;
      void track.unpublish();
      this.#tell({ type: "track-lost", trackId: track.id, error });
    }
  }

  /** A publication of ours went without our doing. */
  #lost(publication: LocalTrackPublication | undefined): void {
    const track = publication && this.#tracks.get(publication);
    if (!publication || !track) return;
    this.#tracks.delete(publication);
    track.release();
    dispose(track.native);
    this.#tell({ type: "track-lost", trackId: track.id });
  }

  #tell(event: DriverEvent): void {
    if (this.#isOver) return;
    if (event.type === "disconnected") {
      this.#end();
      // Not within rtc-node's own handling of this event.
      setImmediate(() => this.#disposeAll());
    }
    this.#on(event);
  }

  async #leave(): Promise<void> {
    if (this.#isOver) return;
    this.#end();
    await leaveRoom(this.#room, () => this.#disposeAll());
  }

  #end(): void {
    this.#isOver = true;
    this.#permission.close();
    for (const track of this.#tracks.values()) track.release();
    this.#news.close();
  }

  #disposeAll(): void {
    for (const { native } of this.#tracks.values()) dispose(native);
    this.#tracks.clear();
    releaseRoom(this.#room);
  }

  #checkOpen(): void {
    if (this.#isOver) throw connectionOver();
  }
}

function dispose({ track }: NativeTrack): void {
  void track.close(true).catch(() => {});
}
