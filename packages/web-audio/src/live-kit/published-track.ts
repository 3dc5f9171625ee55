import {
  type AbortSignalLike,
  type DriverPublishOptions,
  isTrackCapture,
  type NetworkObservable,
  type NetworkSample,
  type OpusSettings,
  type PublishableCapture,
  type Reconfigurable,
  type Replaceable,
  RoomtoneError,
  type TrackCapture,
} from "@roomtone/core";
import type { LocalAudioTrack, LocalTrack, LocalTrackPublication, Room } from "livekit-client";
import { leaseTrack, type TrackLease } from "../track-leases.js";
import { untilAborted } from "../until-aborted.js";
import { publishError } from "../vendor-errors.js";
import { type AudioSettings, audioSettings } from "./audio-settings.js";
import type { LiveKit } from "./load-live-kit.js";
import { connectivityMark, SenderSampler } from "./network-sample.js";
import { vendorSource } from "./participants.js";
import { waitForFirstPackets } from "./registration.js";
import { openSilence } from "./silence.js";

export interface PublishRequest extends DriverPublishOptions {
  readonly settings: AudioSettings;
}

/** Where the connection keeps its tracks. */
export interface TrackRegistry {
  add(track: LiveKitTrack): void;
  remove(track: LiveKitTrack): void;
}

/** Publishes a copy of `capture`'s track. Resolves when the server has it. */
export async function publishTrack(
  liveKit: LiveKit,
  room: Room,
  capture: TrackCapture,
  request: PublishRequest,
  signal: AbortSignalLike,
  registry: TrackRegistry,
): Promise<LiveKitTrack> {
  const track = new LiveKitTrack(liveKit, room, capture, request, registry);
  try {
    await untilAborted(track.publish(), signal);
    return track;
  } catch (error) {
    // Takes effect when the client has published after all: its own publishing takes no signal.
    void track.unpublish();
    signal.throwIfAborted();
    throw publishError(error);
  }
}

/** A publication of ours. What is done to it is done in order: the client's own calls may not overlap. */
export class LiveKitTrack implements Replaceable, Reconfigurable, NetworkObservable {
  readonly id: string;
  readonly ended: Promise<RoomtoneError | undefined>;
  readonly #room: Room;
  readonly #request: PublishRequest;
  readonly #registry: TrackRegistry;
  readonly #vendorTrack: LocalAudioTrack;
  readonly #sampler = new SenderSampler();
  #settle: (error: RoomtoneError | undefined) => void = () => {};
  #capture: TrackCapture;
  #lease: TrackLease;
  #publication: LocalTrackPublication | undefined;
  #silence: ReturnType<typeof openSilence> | undefined;
  #settings: AudioSettings;
  #muted: boolean;
  #gone = false;
  #work: Promise<unknown> = Promise.resolve();

  constructor(liveKit: LiveKit, room: Room, capture: TrackCapture, request: PublishRequest, registry: TrackRegistry) {
    this.id = request.trackId;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#room = room;
    this.#request = request;
    this.#registry = registry;
    this.#settings = request.settings;
    this.#muted = request.muted;
    this.#capture = capture;
    this.#lease = this.#follow(capture);
    // A muted microphone that let go of its device is announced by silence, so that coming back after an outage does not open it.
    if (this.#muted && this.#lease.track.readyState === "ended") this.#silence = openSilence();
    this.#vendorTrack = new liveKit.LocalAudioTrack(this.#silence?.track ?? this.#lease.track, undefined, true);
    // The client sends again by itself after a replaced track and when the system unmutes the device.
    this.#vendorTrack.on(liveKit.TrackEvent.UpstreamResumed, () => {
      if (this.#muted) void this.#vendorTrack.pauseUpstream().catch(() => {});
    });
  }

  get sid(): string {
    return this.#publication?.trackSid ?? "";
  }

  publish(): Promise<void> {
    return this.#serially(async () => {
      if (!this.#muted) await this.#lease.setNeeded(true);
      else await this.#vendorTrack.mute();
      const { settings, name, source } = this.#request;
      this.#registry.add(this);
      this.#publication = await this.#room.localParticipant.publishTrack(this.#localTrack, {
        name,
        source: vendorSource(source),
        audioPreset: { maxBitrate: settings.bitrateBps },
        dtx: settings.dtx,
        red: settings.red,
        forceStereo: settings.stereo,
        stopMicTrackOnMute: false,
      });
      if (!this.#muted) return;
      // The server knows a track from its first packet on: silence goes out until it does, and then nothing.
      await waitForFirstPackets(this.#vendorTrack);
      await this.#lease.setNeeded(false);
      await this.#vendorTrack.pauseUpstream();
      this.#silence?.close();
    });
  }

  setMuted(muted: boolean): Promise<void> {
    this.#muted = muted;
    return this.#serially(() => this.#assertMute());
  }

  replace(capture: PublishableCapture): Promise<void> {
    return this.#serially(async () => {
      if (!isTrackCapture(capture)) throw new RoomtoneError("unsupported", "In the browser only a MediaStreamTrack takes another's place.");
      const before = this.#lease;
      this.#capture = capture;
      this.#lease = this.#follow(capture);
      await this.#send(this.#lease.track);
      before.close();
    });
  }

  reconfigure(opus: Partial<OpusSettings>): Promise<void> {
    return this.#serially(async () => {
      const { dtx, red, stereo } = this.#settings;
      const wanted = audioSettings(this.#request.profile, opus, this.#capture.format.channels);
      if (wanted.dtx !== dtx || wanted.red !== red || wanted.stereo !== stereo) {
        throw new RoomtoneError("unsupported", "While live the browser changes the bitrate only: publish again for other Opus settings.");
      }
      const { sender } = this.#vendorTrack;
      const parameters = sender?.getParameters();
      for (const encoding of parameters?.encodings ?? []) encoding.maxBitrate = wanted.bitrateBps;
      if (parameters) await sender?.setParameters(parameters);
      this.#settings = wanted;
    });
  }

  networkSample(): Promise<NetworkSample> {
    return this.#sampler.sample(this.#vendorTrack.sender);
  }

  /** See `connectivityMark`. */
  connectivity(): Promise<string | undefined> {
    return connectivityMark(this.#vendorTrack.sender);
  }

  unpublish(): Promise<void> {
    if (this.#gone) return Promise.resolve();
    this.release();
    return this.#serially(async () => {
      await this.#room.localParticipant.unpublishTrack(this.#localTrack, false);
    }).catch(() => {});
  }

  /** Gives the capture's copy back. The connection is over, or the track is. */
  release(): void {
    this.#gone = true;
    this.#registry.remove(this);
    this.#lease.close();
    this.#silence?.close();
    this.#vendorTrack.removeAllListeners();
  }

  owns(publication: LocalTrackPublication): boolean {
    return publication === this.#publication || (publication.track as unknown) === this.#vendorTrack;
  }

  /** The client reports a mute that we did not ask for. Whether somebody else did: the client also mutes what has ended. */
  takeForeignMute(muted: boolean): boolean {
    if (muted === this.#muted || this.#gone || this.#vendorTrack.mediaStreamTrack.readyState === "ended") return false;
    this.#muted = muted;
    void this.#serially(() => this.#assertMute()).catch(() => {});
    return true;
  }

  /** The client reports the track unpublished. Whether that was somebody else's doing. */
  takeLoss(): boolean {
    if (this.#gone) return false;
    this.release();
    return true;
  }

  /** The client's own declarations do not hold under `exactOptionalPropertyTypes`: its subclass is not its base class. */
  get #localTrack(): LocalTrack {
    return this.#vendorTrack as unknown as LocalTrack;
  }

  #follow(capture: TrackCapture): TrackLease {
    void capture.ended.then((error) => {
      if (this.#capture === capture) this.#settle(error);
    });
    return leaseTrack(capture, (copy) => {
      void this.#serially(() => this.#send(copy)).catch(() => {});
    });
  }

  /** Sends another track on the same sender, and says again what is muted: the client changes that by itself meanwhile. */
  async #send(copy: MediaStreamTrack): Promise<void> {
    if (this.#gone || copy.readyState === "ended") return;
    await this.#vendorTrack.replaceTrack(copy, true);
    await this.#assertMute();
  }

  async #assertMute(): Promise<void> {
    if (this.#gone) return;
    const muted = this.#muted;
    if (muted) {
      await this.#vendorTrack.mute();
      await this.#vendorTrack.pauseUpstream();
      await this.#lease.setNeeded(false);
      return;
    }
    await this.#lease.setNeeded(true);
    if (this.#vendorTrack.mediaStreamTrack !== this.#lease.track) await this.#vendorTrack.replaceTrack(this.#lease.track, true);
    await this.#vendorTrack.resumeUpstream();
    await this.#vendorTrack.unmute();
  }

  #serially(work: () => Promise<void>): Promise<void> {
    const result = this.#work.then(work);
    this.#work = result.catch(() => {});
    return result;
  }
}
