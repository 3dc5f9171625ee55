import type { ConnectionQuality, RemoteParticipantState, RemoteTrackInfo } from "@roomtone/core";
import { Live } from "../../src/screens/live.js";
import { Stay } from "../../src/state/stay.js";
import { renderAlone } from "./render.js";
import "../../src/styles/studio.css";

/** The live screen with 29 others. Their voices are made here; meters, players and screen are the studio's own. */
const OTHERS = 29;
/** As often as a LiveKit server tells who speaks. */
const SPEAKERS_INTERVAL_MS = 300;
const QUALITY_INTERVAL_MS = 5_000;
const qualities: readonly ConnectionQuality[] = ["excellent", "excellent", "good", "poor", "lost", "unknown"];
const names = [
  "Ada Okafor",
  "Benedikt-Maximilian von Hohenstein-Sommerfeld zu Wittelsbach, Kontrabass und zweite Stimme",
  "陳大文與他的四重奏",
  "Nebukadnezar".repeat(10),
  "مريم الزهراني",
  "👩‍🎤 Zoë",
  "",
  "Mei Tanaka",
];

const reads = new Array<number>(OTHERS).fill(0);

function trackOf(index: number): RemoteTrackInfo {
  const muted = index % 4 === 3;
  return { sid: `TR_${index}`, name: "microphone", kind: "audio", source: "microphone", muted, subscribed: true };
}

function person(index: number): RemoteParticipantState {
  const tracks = index % 9 === 8 ? [] : [trackOf(index)];
  const name = names[index % names.length] ?? "";
  return {
    sid: `PA_${index}`,
    identity: `person-${String(index).padStart(2, "0")}-of-the-orchestra`,
    name: name && index >= names.length ? `${name} ${index}` : name,
    metadata: "",
    attributes: {},
    speaking: false,
    audioLevel: 0,
    quality: qualities[index % qualities.length] ?? "unknown",
    // Read each time that the person is drawn, and by nothing else.
    get tracks() {
      reads[index] = (reads[index] ?? 0) + 1;
      return tracks;
    },
  };
}

const others = Array.from({ length: OTHERS }, (_, index) => person(index));
const me = { sid: "PA_me", identity: "me", name: "Me", metadata: "", attributes: {} };
const stay = new Stay();
stay.take({
  type: "connected",
  room: { sid: "RM", name: "orchestra", metadata: "" },
  localParticipant: me,
  participants: others,
  attempt: 1,
});
const publication = { id: "own", sid: "TR_own", name: "microphone", source: "microphone", muted: false, status: "live" } as const;
stay.take({ type: "published", publication, driver: "livekit-client", elapsedMs: 1 });
stay.change({ speaking: "yes" });

const context = new AudioContext();
others.forEach((participant, index) => {
  const { stream } = voice(context, index);
  const [track] = stream.getAudioTracks();
  if (index % 9 === 8 || !track) return;
  const attach = (element: { srcObject: unknown }) => {
    element.srcObject = stream;
    void (element as HTMLAudioElement).play();
    return () => {
      element.srcObject = null;
    };
  };
  // Past the state, which knows the track already.
  stay.audio.callbacks.any?.({
    type: "track-subscribed",
    participant,
    track: trackOf(index),
    audio: { kind: "media-track", track, attach },
  });
});

/** A tone that swells and fades. */
function voice(audio: AudioContext, index: number): MediaStreamAudioDestinationNode {
  const tone = new OscillatorNode(audio, { frequency: 200 + 20 * index });
  const swell = new OscillatorNode(audio, { frequency: 0.3 + index / 40 });
  const loudness = new GainNode(audio, { gain: 0.3 });
  const destination = new MediaStreamAudioDestinationNode(audio);
  swell.connect(new GainNode(audio, { gain: 0.3 })).connect(loudness.gain);
  tone.connect(loudness).connect(destination);
  tone.start();
  swell.start();
  return destination;
}

const tellSpeakers = (turn: number) => {
  const identities = [turn % 3, 3 + (turn % 2)].flatMap((index) => others[index]?.identity ?? []);
  stay.take({ type: "active-speakers", speakers: identities.map((identity) => ({ identity, audioLevel: 0.2 + (turn % 7) / 10 })) });
};

window.crowd = {
  reads: () => [...reads],
  turn: async (count) => {
    for (let turn = 0; turn < count; turn += 1) {
      tellSpeakers(turn);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  },
  converse: () => {
    let turn = 0;
    setInterval(() => tellSpeakers(turn++), SPEAKERS_INTERVAL_MS);
    setInterval(() => {
      others.forEach(({ identity }, index) => {
        stay.take({ type: "connection-quality", identity, quality: qualities[(index + turn) % qualities.length] ?? "unknown" });
      });
    }, QUALITY_INTERVAL_MS);
  },
  say: (text, from) => {
    const participant = others[from];
    stay.chat.receive({ type: "data-received", topic: "roomtone.chat", payload: new TextEncoder().encode(text), participant });
  },
};

renderAlone(<Live stay={stay} />);

declare global {
  interface Window {
    crowd: {
      /** How often each person was drawn. */
      reads(): number[];
      /** Lets the first five speak in turns, so many times. */
      turn(count: number): Promise<void>;
      /** They go on talking, and connections get better and worse. */
      converse(): void;
      say(text: string, from: number): void;
    };
  }
}
