import type { ParticipantInfo, PublicationState, RemoteParticipantState, RoomEvent, RoomtoneError } from "@roomtone/core";
import type { RoomSession } from "@roomtone/web-audio";
import type { Meter, MeterReading } from "@roomtone/web-audio/meter";
import { Stay } from "../../../src/state/stay.js";
import type { Studio } from "../../../src/state/studio.js";

const room = { sid: "RM", name: "evening-session", metadata: "" };
const me: ParticipantInfo = { sid: "PA_me", identity: "me", name: "Noor", metadata: "", attributes: {} };
const reading: MeterReading = { level: 0.2, peak: 0.3, silent: false, clipping: false, talking: true, talkingWhileMuted: false };
export const ownTrack: PublicationState = {
  id: "own",
  sid: "TR_own",
  name: "microphone",
  source: "microphone",
  muted: false,
  status: "live",
};

const names = ["Ada Okafor", "Ben Lindqvist", "Mei Tanaka"];

/** The first of them speaks, the second is muted, the third listens. */
function person(index: number): RemoteParticipantState {
  const name = names[index % names.length] ?? "";
  const role = index % names.length;
  const track = { sid: `TR_${index}`, name: "microphone", kind: "audio", source: "microphone", subscribed: true } as const;
  return {
    sid: `PA_${index}`,
    identity: `person-${index}`,
    name: index < names.length ? name : `${name} ${index}`,
    metadata: "",
    attributes: {},
    speaking: index === 0,
    audioLevel: index === 0 ? 0.5 : 0,
    quality: index === 1 ? "good" : "excellent",
    tracks: role === 2 ? [] : [{ ...track, muted: role === 1 }],
  };
}

export interface CompanyOptions {
  readonly others?: number;
  /** Default true. */
  readonly speak?: boolean;
  readonly own?: Partial<PublicationState>;
  /** What the meter says of one's own voice. */
  readonly heard?: Partial<MeterReading>;
  /** Why data messages are not sent. */
  readonly sendError?: RoomtoneError;
}

/** Puts the studio into a room, with its microphone open, and without a server. */
export async function enter(studio: Studio, { others = 3, speak = true, own, heard, sendError }: CompanyOptions = {}): Promise<Stay> {
  const stay = new Stay();
  const people = Array.from({ length: others }, (_, index) => person(index));
  stay.take({ type: "connected", room, localParticipant: me, participants: people, attempt: 1 });
  stay.take({ type: "connection-quality", identity: me.identity, quality: "excellent" });
  stay.begin({
    driver: "livekit-client",
    sendData: () => (sendError ? Promise.reject(sendError) : Promise.resolve()),
    close: () => Promise.resolve(),
  } as unknown as RoomSession);
  stay.meters.levelOf = (identity) => (identity === "person-0" ? 0.3 : 0);
  if (speak) {
    await studio.microphone.open();
    const told = { ...reading, ...heard };
    const meter = {
      reading: told,
      on: (listener: (reading: MeterReading) => void) => {
        listener(told);
        return () => {};
      },
      setMuted: () => {},
      close: () => Promise.resolve(),
    } as unknown as Meter;
    await studio.microphone.get().meter?.close();
    studio.microphone.change({ meter });
    const publication = { ...ownTrack, ...own };
    stay.change({ speaking: publication.status === "publishing" ? "starting" : "yes" });
    stay.take({ type: "published", publication, driver: "livekit-client", elapsedMs: 1 });
    for (let second = 1; second <= 90; second += 1) stay.network.add(sample(second), second * 1_000);
    stay.network.add = () => {};
  }
  stay.change({ joinedAtMs: Date.now() - 754_000 });
  studio.set({ screen: "live", stay });
  return stay;
}

function sample(second: number): Parameters<Stay["network"]["add"]>[0] {
  const jitterMs = 2 + Math.abs(Math.sin(second / 5)) * 4;
  const roundTripMs = 24 + Math.abs(Math.sin(second / 9)) * 12;
  const fractionLost = second > 40 && second < 50 ? 0.03 : 0;
  return { timestampMs: second * 1_000, bytesSent: second * 4_000, packetsSent: second * 50, jitterMs, roundTripMs, fractionLost };
}

export function outage(attempt: number): RoomEvent {
  return { type: "reconnecting", reason: "signal", attempt };
}
