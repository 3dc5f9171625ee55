import { resolve } from "node:path";
import { Lifetime, type RoomEvent, RoomtoneError } from "@roomtone/core";
import { loadAudio } from "../audio.js";
import { findAccess } from "../config/credentials.js";
import type { GlobalOptions } from "../config/global-options.js";
import type { Io } from "../io.js";
import { LeaveRequest } from "../leave.js";
import type { Output } from "../output/output.js";
import { Mixer } from "../room/mixer.js";
import { fromRoomEvent } from "../room/room-events.js";
import { type CommandEnd, command } from "../run.js";

export interface ListenOptions extends GlobalOptions {
  readonly output: string;
  /** Output device, with `--output speaker`. */
  readonly device?: string;
  /** Identities to hear; absent: everybody. */
  readonly participant?: readonly string[];
  /** Track names to hear; absent: all. */
  readonly track?: readonly string[];
  readonly durationMs?: number;
}

/** `roomtone listen`: the room's audio, mixed, to a speaker, a WAV file or standard output. */
export const run = command<ListenOptions>(async (options, io, signal, output) => {
  if (options.json && options.output === "-") {
    throw new RoomtoneError("usage", "--json and --output - both want standard output: write the audio to a file.", { option: "--output" });
  }
  if (options.device !== undefined && options.output !== "speaker") {
    throw new RoomtoneError("usage", "--device names a speaker, and --output is not one.", { option: "--device" });
  }
  if (options.output === "-" && io.stdout.isTTY) {
    throw new RoomtoneError("usage", "--output - writes WAV to standard output, which is a terminal: send it to a file or a program.", {
      option: "--output",
    });
  }
  const access = await findAccess(options, { publish: false, subscribe: true }, io, signal, output);
  const lifetime = new Lifetime();
  const ending = new AbortController();
  const life = AbortSignal.any([signal, ending.signal]);
  const mixer = new Mixer();
  try {
    const { joinRoom } = await loadAudio();
    const room = await joinRoom(access.credentials, {
      subscribe: true,
      signal: life,
      ...(options.retries !== undefined && { joinRetries: options.retries, rejoinRetries: options.retries }),
      on: {
        any: (event) => {
          if (isHeard(event, options) && event.audio?.kind === "pcm") void mixer.add(event.audio.frames({ capacityMs: 500 }));
          const told = fromRoomEvent(event);
          if (told) output.event(told);
        },
      },
    });
    lifetime.own(room, (joined) => joined.close());
    if (![...room.state.participants].some((participant) => participant.tracks.some((track) => track.kind === "audio"))) {
      output.status(output.paint("dim", "nobody publishes audio yet; waiting (Ctrl-C ends)"));
    }
    const writing = write(mixer, options, io, life, output);
    lifetime.defer(async () => {
      await mixer.end();
      await writing;
    });
    if (options.durationMs !== undefined) {
      const timer = setTimeout(() => ending.abort(new LeaveRequest("duration")), options.durationMs);
      lifetime.defer(() => clearTimeout(timer));
    }
    const roomEnd = room.closed.then(({ reason, error }): CommandEnd => ({ reason, error }));
    // A write that fails ends the command; one that succeeds does so because the mix ended, and then the room says why.
    return await Promise.race([roomEnd, writing.then(() => roomEnd)]);
  } finally {
    await Promise.all([mixer.end(), lifetime.close()]);
  }
});

function isHeard(event: RoomEvent, options: ListenOptions): event is Extract<RoomEvent, { type: "track-subscribed" }> {
  if (event.type !== "track-subscribed" || event.track.kind !== "audio") return false;
  if (options.participant && !options.participant.includes(event.participant.identity)) return false;
  return !options.track || options.track.includes(event.track.name);
}

/** Plays or writes the mix until it ends. @throws RoomtoneError `output-unwritable`, `disk-full`, `device-not-found` */
async function write(mixer: Mixer, options: ListenOptions, io: Io, signal: AbortSignal, output: Output): Promise<void> {
  const audio = await loadAudio();
  if (options.output === "speaker") {
    const speaker = await audio.openSpeaker({ signal, ...(options.device !== undefined && { device: options.device }) });
    try {
      await speaker.play(mixer.frames, { signal });
    } finally {
      await speaker.close();
    }
    return;
  }
  const target = options.output === "-" ? io.stdout : resolve(io.cwd, options.output);
  if (typeof target === "string") output.event({ event: "recording", path: target });
  // The mix ends by itself when we leave, so that the file's header tells the whole length.
  await audio.writeWav(mixer.frames, target);
}
