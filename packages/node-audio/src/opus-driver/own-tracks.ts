import {
  AddTrackRequest,
  AudioTrackFeature,
  MuteTrackRequest,
  type ParticipantPermission,
  type RequestResponse,
  type TrackInfo,
  TrackPublishedResponse as TrackPublishedMessage,
  type TrackPublishedResponse,
  TrackType,
} from "@livekit/protocol";
import {
  type AbortSignalLike,
  type DriverEvent,
  type DriverPublishOptions,
  isEncodedCapture,
  isPcmCapture,
  type OpusSettings,
  type PublishableCapture,
  RoomtoneError,
  resolveOpusSettings,
} from "@roomtone/core";
import type { RTCRtpTransceiver } from "werift";
import { settlesWithin } from "../deadline.js";
import { EncodingFeed } from "../encoding/encoding-feed.js";
import { createOpusEncoder } from "../opus/opus-encoder.js";
import { bounded } from "./bounded.js";
import type { MediaLink } from "./media-link.js";
import { OpusTrack, unsupportedCapture } from "./opus-track.js";
import { toVendorSource } from "./protocol-mapping.js";
import { RtpOutput } from "./rtp-output.js";
import type { SignalRequestMessage } from "./signal-client.js";

/** From a track's first packet until the server lists it: 20 ms measured where nothing is loaded. */
const LISTING_MS = 500;

interface Published {
  readonly track: OpusTrack;
  readonly cid: string;
  readonly info: TrackInfo;
  readonly transceiver: RTCRtpTransceiver;
}

export interface OwnTracksOptions {
  readonly link: MediaLink;
  permission(): ParticipantPermission | undefined;
  send(message: SignalRequestMessage): boolean;
  tell(event: DriverEvent): void;
}

/** The tracks that we publish over one connection. */
export class OwnTracks {
  readonly #options: OwnTracksOptions;
  readonly #published = new Map<string, Published>();
  readonly #requested = new Map<string, { resolve(info: TrackInfo): void; reject(error: RoomtoneError): void }>();
  /** What the server lists of us: it may do so before a track's first packet. */
  #listed: readonly string[] = [];
  /** A track went while the server could not be told. */
  #stale = false;

  constructor(options: OwnTracksOptions) {
    this.#options = options;
  }

  async publish(capture: PublishableCapture, options: DriverPublishOptions, signal: AbortSignalLike): Promise<OpusTrack> {
    const { link, send } = this.#options;
    this.#checkGrants(options);
    const settings = settingsFor(capture, options);
    const encoding = isPcmCapture(capture) ? new EncodingFeed(await createOpusEncoder(settings)) : undefined;
    const { cid, transceiver } = link.addTrack();
    const output = new RtpOutput(transceiver.sender, link.cname, settings.channels);
    let track: OpusTrack | undefined;
    try {
      const registered = this.#register(addTrackRequest(cid, options, settings));
      registered.catch(() => {}); // the negotiation may fail first
      const info = await bounded(
        link.negotiate().then(() => registered),
        { what: "the server to take the track", signal },
      );
      await bounded(link.connected(), { what: "a way for media to the server", signal });
      output.levelExtensionId = link.levelExtensionId;
      track = new OpusTrack({
        id: options.trackId,
        sid: info.sid,
        muted: options.muted,
        settings,
        output,
        sendMute: (sid, muted) => void send({ case: "mute", value: new MuteTrackRequest({ sid, muted }) }),
        remove: (removed) => this.#remove(removed.sid),
      });
      this.#published.set(info.sid, { track, cid, info, transceiver });
      track.start(capture, encoding);
      if (this.#listed.includes(info.sid)) track.markListed();
      await bounded(track.listed, { what: "the server to show the track to others", signal });
      return track;
    } catch (error) {
      this.#requested.delete(cid);
      track?.stopFeeding();
      encoding?.close();
      if (!track) output.close();
      void this.#takeBack(transceiver, track);
      throw error;
    }
  }

  /** These are in the server's own list of us, and so in everybody's. */
  listed(sids: readonly string[]): void {
    this.#listed = sids;
    for (const sid of sids) this.#published.get(sid)?.track.markListed();
  }

  /** The server has our request. */
  accepted({ cid, track }: TrackPublishedResponse): void {
    if (track) this.#requested.get(cid)?.resolve(track);
    this.#requested.delete(cid);
  }

  /** The server did not do what we asked for. */
  refused({ request, reason }: RequestResponse): void {
    if (request.case !== "addTrack" || reason === 0) return;
    const error = new RoomtoneError("room-refused", "The server refused the track. Check the token's grants and the room's settings.");
    this.#requested.get(request.value.cid)?.reject(error);
    this.#requested.delete(request.value.cid);
  }

  /** A moderator muted one of ours, or let it speak again. */
  mutedByServer(sid: string, muted: boolean): void {
    const track = this.#published.get(sid)?.track;
    if (track?.mutedByServer(muted)) this.#options.tell({ type: "muted-by-server", trackId: track.id, muted });
  }

  /** The server took one of ours out. */
  lost(sid: string): void {
    const published = this.#published.get(sid);
    if (!published) return;
    this.#published.delete(sid);
    published.track.release();
    this.#options.link.removeTrack(published.transceiver);
    this.#stale = true;
    const denied = this.#options.permission()?.canPublish === false;
    const error = denied ? missing("canPublish") : undefined;
    this.#options.tell({ type: "track-lost", trackId: published.track.id, ...(error ? { error } : {}) });
  }

  /** What the server is told of our tracks when a session is taken up again. */
  get descriptions(): TrackPublishedResponse[] {
    return [...this.#published.values()].map(({ cid, info }) => new TrackPublishedMessage({ cid, track: info }));
  }

  /** The signalling broke: what was asked for may never have arrived, and whoever waits for the answer asks again. */
  interrupted(): void {
    const lost = new RoomtoneError("server-unreachable", "The connection to the server was interrupted.", { retryable: true });
    for (const { reject } of this.#requested.values()) reject(lost);
    this.#requested.clear();
  }

  /** After a resume: says again what the server may have missed. */
  reassert(): void {
    for (const { track } of this.#published.values()) {
      this.#options.send({ case: "mute", value: new MuteTrackRequest({ sid: track.sid, muted: track.muted }) });
    }
    if (!this.#stale) return;
    this.#stale = false;
    void this.#options.link.negotiate().catch(() => {});
  }

  release(): void {
    for (const { track } of this.#published.values()) track.release();
    this.#published.clear();
    const over = new RoomtoneError("server-unreachable", "The connection is over.", { retryable: true });
    for (const { reject } of this.#requested.values()) reject(over);
    this.#requested.clear();
  }

  #register(request: AddTrackRequest): Promise<TrackInfo> {
    const answer = new Promise<TrackInfo>((resolve, reject) => {
      this.#requested.set(request.cid, { resolve, reject });
    });
    if (!this.#options.send({ case: "addTrack", value: request })) {
      throw new RoomtoneError("server-unreachable", "The connection to the server is interrupted.", { retryable: true });
    }
    return answer;
  }

  async #remove(sid: string): Promise<void> {
    const published = this.#published.get(sid);
    if (!published) return;
    this.#published.delete(sid);
    this.#options.link.removeTrack(published.transceiver);
    await this.#options.link.negotiate().catch(() => {
      this.#stale = true;
    });
  }

  /** A publish that did not come to its end. A server that is told of a track's end while it still makes the track keeps it. */
  async #takeBack(transceiver: RTCRtpTransceiver, track: OpusTrack | undefined): Promise<void> {
    if (track) {
      await settlesWithin(track.listed, LISTING_MS);
      this.#published.delete(track.sid);
      track.release();
    }
    this.#options.link.removeTrack(transceiver);
    await this.#options.link.negotiate().catch(() => {
      this.#stale = true;
    });
  }

  #checkGrants({ source }: DriverPublishOptions): void {
    const permission = this.#options.permission();
    if (permission?.canPublish === false) throw missing("canPublish");
    const allowed = permission?.canPublishSources ?? [];
    if (allowed.length > 0 && !allowed.includes(toVendorSource(source))) throw missing("canPublishSources");
  }
}

function missing(grant: "canPublish" | "canPublishSources"): RoomtoneError {
  const what = grant === "canPublish" ? "publish" : "publish a track of this source";
  return new RoomtoneError("grant-missing", `The token does not allow us to ${what}: it needs the grant ${grant}.`, { grant });
}

/** The settings of what will be sent. @throws RoomtoneError `unsupported`, `invalid-settings` */
export function settingsFor(capture: PublishableCapture, { profile, opus }: Pick<DriverPublishOptions, "profile" | "opus">): OpusSettings {
  if (isPcmCapture(capture)) return resolveOpusSettings(profile, opus);
  if (!isEncodedCapture(capture)) throw unsupportedCapture();
  if (Object.values(opus).some((value) => value !== undefined)) {
    throw new RoomtoneError("unsupported", "This audio is encoded already: Opus settings would change nothing. Leave them out.");
  }
  return capture.settings ?? resolveOpusSettings(profile, { channels: capture.format.channels });
}

function addTrackRequest(cid: string, { name, source, muted }: DriverPublishOptions, settings: OpusSettings): AddTrackRequest {
  const stereo = settings.channels === 2;
  const dtx = settings.discontinuousTransmission;
  return new AddTrackRequest({
    cid,
    name,
    type: TrackType.AUDIO,
    source: toVendorSource(source),
    muted,
    stereo, // older servers read this one, newer ones the feature; without it they take stereo out
    disableDtx: !dtx,
    disableRed: true,
    audioFeatures: [...(stereo ? [AudioTrackFeature.TF_STEREO] : []), ...(dtx ? [] : [AudioTrackFeature.TF_NO_DTX])],
  });
}
