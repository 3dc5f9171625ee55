import { type RemoteMediaTrack, type RoomCallbacks, type RoomEvent, RoomtoneError } from "@roomtone/core";

/** One subscribed audio track that plays. */
export interface RoomAudioTrack {
  readonly sid: string;
  readonly identity: string;
  readonly name: string;
  readonly track: MediaStreamTrack;
}

/** Everybody's sound: plays what the room subscribes to, each participant with a volume of their own. */
export interface RoomAudio {
  /** For `joinRoom`'s `on`: `{ ...audio.callbacks, "participant-joined": … }`. */
  readonly callbacks: Pick<RoomCallbacks, "any">;
  /** What plays now. */
  readonly tracks: readonly RoomAudioTrack[];
  /** Calls `listener` when a track comes or goes, until the returned function is called. */
  onChange(listener: () => void): () => void;
  /** 0 to 1. Kept for participants who leave and come back. */
  setVolume(identity: string, volume: number): void;
  /** Plays on that output device, as `listDevices` gives it; "" is the default. @throws RoomtoneError `unsupported`, `device-not-found` */
  setOutput(deviceId: string): Promise<void>;
  /** Falls silent. The room goes on. */
  close(): void;
}

interface Playing extends RoomAudioTrack {
  readonly element: HTMLAudioElement;
  readonly detach: () => void;
}

/** Opens the sound of one room, before it is joined. It needs `subscribe: true`. Where the browser wants a click first, the room tells `playback-blocked`. */
export function openRoomAudio(): RoomAudio {
  const playing = new Map<string, Playing>();
  const volumes = new Map<string, number>();
  const listeners = new Set<() => void>();
  let outputId = "";
  let closed = false;

  const changed = () => {
    for (const listener of listeners) listener();
  };
  const remove = (gone: (entry: Playing) => boolean) => {
    const removed = [...playing.values()].filter(gone);
    for (const { sid, detach } of removed) {
      detach();
      playing.delete(sid);
    }
    if (removed.length > 0) changed();
  };
  const add = (sid: string, identity: string, name: string, audio: RemoteMediaTrack) => {
    remove((entry) => entry.sid === sid);
    const element = new Audio();
    element.volume = volumes.get(identity) ?? 1;
    if (outputId) void setSink(element, outputId).catch(() => {});
    const track = audio.track as MediaStreamTrack;
    playing.set(sid, { sid, identity, name, track, element, detach: audio.attach(element) });
    changed();
  };
  const any = (event: RoomEvent) => {
    if (closed) return;
    switch (event.type) {
      case "track-subscribed":
        if (event.audio?.kind === "media-track") add(event.track.sid, event.participant.identity, event.track.name, event.audio);
        break;
      case "track-unsubscribed":
      case "track-unpublished":
        remove((entry) => entry.sid === event.track.sid);
        break;
      case "participant-left":
        remove((entry) => entry.identity === event.participant.identity);
        break;
      case "reconnected":
        // A room that was joined anew tells its tracks anew, after this.
        if (!event.resumed) remove(() => true);
        break;
      case "closed":
        remove(() => true);
        break;
    }
  };

  return {
    callbacks: { any },
    get tracks() {
      return [...playing.values()].map(({ sid, identity, name, track }) => ({ sid, identity, name, track }));
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setVolume: (identity, volume) => {
      if (!(volume >= 0 && volume <= 1)) {
        throw new RoomtoneError("invalid-settings", "A volume is a number from 0 to 1.", { setting: "volume" });
      }
      volumes.set(identity, volume);
      for (const entry of playing.values()) if (entry.identity === identity) entry.element.volume = volume;
    },
    setOutput: async (deviceId) => {
      await Promise.all([...playing.values()].map(({ element }) => setSink(element, deviceId)));
      outputId = deviceId;
    },
    close: () => {
      closed = true;
      remove(() => true);
      listeners.clear();
    },
  };
}

async function setSink(element: HTMLAudioElement, deviceId: string): Promise<void> {
  if (typeof element.setSinkId !== "function") {
    throw new RoomtoneError("unsupported", "This browser plays on the system's default output only.");
  }
  try {
    await element.setSinkId(deviceId);
  } catch (error) {
    throw new RoomtoneError("device-not-found", "That output device is not there, or the page may not use it.", {}, { cause: error });
  }
}
