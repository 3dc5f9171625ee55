import { RoomtoneError } from "@roomtone/core";
import type { Stay } from "../../../src/state/stay.js";
import type { Studio } from "../../../src/state/studio.js";
import { type CompanyOptions, enter, outage, ownTrack } from "./company.js";
import { appearing, press, type Scene, type Scenes, write } from "./scene.js";

function live(options: CompanyOptions = {}, then?: (stay: Stay, studio: Studio) => unknown, after?: () => unknown): Scene {
  return {
    before: async (studio) => {
      const stay = await enter(studio, options);
      await then?.(stay, studio);
    },
    after: async () => {
      // What only a room needs is loaded when there is one.
      await appearing(() => document.querySelector(".live .channel-devices .select"));
      await after?.();
    },
  };
}

/** What takes the microphone from the page, and what the browser says when it is asked for another one. */
async function loseMicrophone({ microphone }: Studio, name: string): Promise<void> {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", name));
  microphone.get().microphone?.track.dispatchEvent(new Event("ended"));
}

const say = (stay: Stay) => {
  const [ada] = stay.get().room.participants;
  for (const text of ["Levels look good from here.", "Could you come a little closer to the microphone? There is some room in your voice."])
    stay.chat.receive({ type: "data-received", topic: "roomtone.chat", payload: new TextEncoder().encode(text), participant: ada });
  stay.chat.sent("Better now?");
};

const notAllowed = new RoomtoneError(
  "grant-missing",
  "The token does not allow publishing this track: it needs canPublish for the track's source.",
);
const downNow = new RoomtoneError("server-unreachable", "The message was not sent: the connection is down.");

/** The page in a room. */
export const room: Scenes = {
  "live-alone": live({ others: 0 }),
  "live-company": live({}, say),
  "live-thirty": live({ others: 29 }),
  "live-thirty-scrolled": live(
    { others: 29 },
    () => {},
    async () => (await appearing(() => document.querySelector(".people > :last-child"))).scrollIntoView(),
  ),
  "live-thirty-reconnecting": live({ others: 29 }, (stay) => stay.take(outage(1))),
  "live-muted": live({ own: { muted: true } }),
  "live-held": live({}, (stay) => stay.change({ holding: true })),
  "live-starting": live({ own: { status: "publishing" } }),
  "live-talking-muted": live({ own: { muted: true }, heard: { talkingWhileMuted: true } }),
  "live-too-loud": live({ heard: { level: 0.9, clipping: true } }),
  "live-silent": live({ heard: { level: 0, silent: true } }),
  "live-muted-by-moderator": live({}, (stay) => stay.take({ type: "muted", publication: { ...ownTrack, muted: true }, by: "server" })),
  "live-reconnecting": live({}, (stay) => stay.take(outage(1))),
  "live-reconnecting-alone": live({ others: 0 }, (stay) => stay.take(outage(1))),
  "live-reconnecting-muted": live({ own: { muted: true } }, (stay) => stay.take(outage(7))),
  "live-reconnecting-listener": live({ speak: false, others: 0 }, (stay) => stay.take(outage(2))),
  "live-reconnected": live({}, (stay) => {
    const { room: info, localParticipant, participants } = stay.get().room;
    stay.take(outage(1));
    if (info && localParticipant)
      stay.take({ type: "reconnected", resumed: true, attempt: 1, outageMs: 4_210, room: info, localParticipant, participants });
  }),
  "live-not-published": live({ speak: false }, (stay) => stay.change({ publishError: notAllowed })),
  "live-warning": live({}, (stay) => stay.take({ type: "warning", message: "Could not publish the track; trying again." })),
  "live-poor": live({}, (stay) => stay.take({ type: "connection-quality", identity: "me", quality: "poor" }), health),
  "live-device-lost": live({}, (_stay, studio) => loseMicrophone(studio, "NotFoundError")),
  "live-device-back": live({}, async (_stay, { microphone }) => {
    microphone.get().microphone?.track.dispatchEvent(new Event("ended"));
    await appearing(() => microphone.get().status === "open");
  }),
  "live-device-refused": live({}, async (stay, studio) => {
    await loseMicrophone(studio, "NotAllowedError");
    await appearing(() => studio.microphone.get().error);
    // As the session does when its source ends.
    stay.take({ type: "unpublished", publication: { ...ownTrack, status: "unpublished" } });
  }),
  "live-device-not-there": live({}, async (_stay, { microphone }) => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "OverconstrainedError"));
    await microphone.choose("gone");
  }),
  "live-playback-blocked": live({}, (stay) => stay.change({ playbackBlocked: true })),
  "live-playback-blocked-reconnecting": live({ speak: false }, (stay) => {
    stay.change({ playbackBlocked: true });
    stay.take(outage(1));
  }),
  "live-records": live({}, (stay) => stay.recording.change({ status: "recording", startedAtMs: Date.now() - 83_000 })),
  "live-records-me": live({}, (stay) =>
    stay.recording.change({ status: "recording", subject: "microphone", startedAtMs: Date.now() - 83_000 }),
  ),
  "live-saving": live({}, (stay) => stay.recording.change({ status: "saving" })),
  "live-saved": live({}, (stay) => stay.recording.change({ notice: "The recording is in your downloads." })),
  "live-recording-failed": live({}, (stay) => {
    const error = new RoomtoneError("internal", "The recording broke off, and nothing of it is kept: begin another one.");
    stay.recording.change({ error, notice: error.message });
  }),
  "live-recording-unsupported": live({}, async (stay) => {
    AudioEncoder.isConfigSupported = async (config) => ({ config, supported: false });
    await stay.record("microphone");
  }),
  "live-chat": live({}, say, chat),
  "live-chat-empty": live({ others: 0 }, () => {}, chat),
  "live-chat-failed": live({ sendError: downNow }, say, async () => {
    await chat();
    await write(".message-form textarea", "Is anybody there?");
    await press("Send");
  }),
  "live-chat-failed-reconnecting": live(
    { sendError: downNow },
    (stay) => stay.take(outage(1)),
    async () => {
      await chat();
      await write(".message-form textarea", "Is anybody there?");
      await press("Send");
    },
  ),
  "live-health": live({}, () => {}, health),
  "live-health-copied": live({}, () => Object.assign(navigator.clipboard, { writeText: () => Promise.resolve() }), copy),
  "live-health-not-copied": live({}, () => Object.assign(navigator.clipboard, { writeText: () => Promise.reject(new Error()) }), copy),
  "live-health-reconnecting": live({}, (stay) => stay.take(outage(3)), health),
  "live-health-listener": live({ speak: false }, () => {}, health),
  "live-invite": live({}, () => {}, invite),
  "live-invite-other": { ...live({}, () => {}, invite), query: "url=wss://live.example.com" },
  "live-listening": live({ speak: false }),
  "live-listening-denied": live({ speak: false }, async (_stay, { microphone }) => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotAllowedError"));
    await microphone.open();
  }),
  "live-listening-no-device": live({ speak: false }, async (_stay, { microphone }) => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotFoundError"));
    await microphone.open();
  }),
  "live-listening-asking": live({ speak: false }, (_stay, { microphone }) => {
    navigator.mediaDevices.getUserMedia = () => new Promise(() => {});
    void microphone.open();
  }),
};

/** Where it is beside the people there is nothing to press. */
async function chat(): Promise<void> {
  if (!matchMedia("(min-width: 1120px)").matches) await press("Chat");
}

async function health(): Promise<void> {
  await press("Health");
  await appearing(() => document.querySelectorAll(".chart canvas")[3]);
}

async function copy(): Promise<void> {
  await health();
  await press("Copy diagnostics");
  const outcome = await appearing(() => [...document.querySelectorAll(".copy [role=status]")].find(({ textContent }) => textContent));
  outcome.scrollIntoView({ block: "center" });
}

async function invite(): Promise<void> {
  await press("Invite");
  await appearing(() => document.querySelector(".qr path"));
}
