import { join } from "node:path";
import {
  ConnectionQuality,
  ConnectionQualityInfo,
  ConnectionQualityUpdate,
  LeaveRequest,
  LeaveRequest_Action,
  MuteTrackRequest,
  ParticipantInfo,
  ParticipantInfo_State,
  ParticipantUpdate,
  Pong,
  ReconnectResponse,
  RequestResponse,
  Room,
  RoomUpdate,
  SessionDescription,
  SignalTarget,
  SpeakerInfo,
  SpeakersChanged,
  TrackInfo,
  TrackPublishedResponse,
  TrackSource,
  TrackType,
  TrackUnpublishedResponse,
  TrickleRequest,
  DisconnectReason as VendorReason,
} from "@livekit/protocol";
import { type DriverEvent, isRoomtoneError, type RoomConnection } from "@roomtone/core";
import { opusDriver } from "@roomtone/node-audio";
import { ExamPcmCapture, type FuzzTarget } from "@roomtone/testing";
import { openScriptedServer, response, type ScriptedServer, welcome } from "../support/scripted-server.js";
import { answerSdp, dataAnswerSdp, offerSdp } from "./descriptions.js";
import { staysHere, Unattended } from "./unattended.js";

export type ClosableTarget = FuzzTarget & { readonly close: () => Promise<void> };

const TRACK = "00000000-0000-4000-8000-000000000000";
const corpus = (name: string) => join(import.meta.dirname, "corpus", name);
const other = (fields: ConstructorParameters<typeof ParticipantInfo>[0] = {}) =>
  new ParticipantInfo({
    sid: "PA_other",
    identity: "other",
    name: "Somebody",
    metadata: "{}",
    attributes: { colour: "red" },
    tracks: [new TrackInfo({ sid: "TR_other", name: "voice", type: TrackType.AUDIO, source: TrackSource.MICROPHONE })],
    version: 1,
    ...fields,
  });
const candidate = '{"candidate":"candidate:1 1 udp 2130706431 127.0.0.1 9 typ host","sdpMid":"0","sdpMLineIndex":0}';

const answer = response({ case: "answer", value: new SessionDescription({ type: "answer", sdp: dataAnswerSdp, id: 1 }) });
const offer = response({ case: "offer", value: new SessionDescription({ type: "offer", sdp: offerSdp, id: 1 }) });
const trickle = (target: SignalTarget) =>
  response({ case: "trickle", value: new TrickleRequest({ candidateInit: candidate, target, final: true }) });
/** Gives a description the time to be taken. */
const talk = Array.from({ length: 40 }, () => response({ case: "pongResp", value: new Pong({ timestamp: 2n }) }));

/** Every kind of message that the driver reads, as a server sends it. */
const messages: readonly Uint8Array[] = [
  answer,
  offer,
  trickle(SignalTarget.PUBLISHER),
  trickle(SignalTarget.SUBSCRIBER),
  response({
    case: "trackPublished",
    value: new TrackPublishedResponse({ cid: TRACK, track: new TrackInfo({ sid: "TR_me", type: TrackType.AUDIO }) }),
  }),
  response({ case: "trackUnpublished", value: new TrackUnpublishedResponse({ trackSid: "TR_me" }) }),
  response({ case: "mute", value: new MuteTrackRequest({ sid: "TR_me", muted: true }) }),
  response({ case: "update", value: new ParticipantUpdate({ participants: [other()] }) }),
  response({ case: "update", value: new ParticipantUpdate({ participants: [other({ version: 2, tracks: [], metadata: "changed" })] }) }),
  response({ case: "update", value: new ParticipantUpdate({ participants: [other({ state: ParticipantInfo_State.DISCONNECTED })] }) }),
  response({
    case: "speakersChanged",
    value: new SpeakersChanged({ speakers: [new SpeakerInfo({ sid: "PA_other", level: 0.5, active: true })] }),
  }),
  response({
    case: "connectionQuality",
    value: new ConnectionQualityUpdate({
      updates: [new ConnectionQualityInfo({ participantSid: "PA_me", quality: ConnectionQuality.POOR, score: 2.5 })],
    }),
  }),
  response({ case: "roomUpdate", value: new RoomUpdate({ room: new Room({ sid: "RM_room", name: "room", metadata: "changed" }) }) }),
  response({ case: "refreshToken", value: "aaaa.bbbb.cccc" }),
  response({ case: "requestResponse", value: new RequestResponse({ requestId: 1, reason: 3, message: "no" }) }),
  response({ case: "pongResp", value: new Pong({ lastPingTimestamp: 1n, timestamp: 2n }) }),
  response({ case: "reconnect", value: new ReconnectResponse({}) }),
  response({ case: "leave", value: new LeaveRequest({ reason: VendorReason.ROOM_DELETED }) }),
  response({ case: "leave", value: new LeaveRequest({ canReconnect: true, action: LeaveRequest_Action.RECONNECT }) }),
  response({ case: "leave", value: new LeaveRequest({ action: LeaveRequest_Action.RESUME }) }),
];

/** Several messages in one input: each begins with its length in two bytes. */
function framed(frames: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(frames.flatMap((frame) => [Buffer.from([frame.length >> 8, frame.length & 0xff]), frame]));
}

function* frames(input: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < input.length; ) {
    const length = ((input[at] ?? 0) << 8) | (input[at + 1] ?? 0);
    yield input.subarray(at + 2, at + 2 + length);
    at += 2 + length;
  }
}

interface Joined {
  readonly connection: RoomConnection;
  readonly events: readonly DriverEvent[];
  /** Resolves with the first event that `isIt`. */
  event(isIt: (event: DriverEvent) => boolean): Promise<unknown>;
}

async function joinServer(server: ScriptedServer): Promise<Joined> {
  const events: DriverEvent[] = [];
  const waiters = new Set<(event: DriverEvent) => void>();
  const on = (event: DriverEvent) => {
    events.push(event);
    for (const wake of waiters) wake(event);
  };
  const connection = await opusDriver().connect({ url: server.url, token: "any", subscribe: false, on }, new AbortController().signal);
  const event = (isIt: (event: DriverEvent) => boolean) =>
    new Promise<unknown>((resolve) => {
      if (events.some(isIt)) return resolve(undefined);
      waiters.add((one) => isIt(one) && resolve(undefined));
    });
  return { connection, events, event };
}

const isEnd = ({ type }: DriverEvent) => type === "disconnected";

/** Whatever a server says once we are in, we are still in and listen, or are told that it ended. */
export async function serverMessageTarget(budgetMs: number): Promise<ClosableTarget> {
  const server = await openScriptedServer();
  const unattended = new Unattended();
  return {
    corpus: corpus("server-messages"),
    seeds: [
      ...messages.map((message) => framed([message])),
      framed([answer, ...talk, trickle(SignalTarget.PUBLISHER)]),
      framed([offer, ...talk, trickle(SignalTarget.SUBSCRIBER)]),
      framed(messages.slice(0, -3)),
      framed(messages.slice(7, 14).reverse()),
    ],
    budgetMs,
    run: async (input) => {
      if (!staysHere(input)) return;
      const { connection, event } = await joinServer(server);
      try {
        let count = 0;
        for (const frame of frames(input)) {
          const metadata = `frame ${++count} was read`;
          server.client.send(frame);
          server.client.send(response({ case: "roomUpdate", value: new RoomUpdate({ room: new Room({ metadata }) }) }));
          await event((one) => isEnd(one) || (one.type === "room-metadata" && one.room.metadata === metadata));
        }
      } finally {
        await connection.close();
      }
      await unattended.check();
    },
    close: () => {
      unattended.close();
      return server.close();
    },
  };
}

/** Whatever a server welcomes us with, we are in, or are told why not. */
export async function welcomeTarget(budgetMs: number): Promise<ClosableTarget> {
  let first: Uint8Array = new Uint8Array();
  const server = await openScriptedServer({ first: () => first });
  const unattended = new Unattended();
  return {
    corpus: corpus("welcomes"),
    seeds: [
      response(welcome()),
      response(welcome({ otherParticipants: [other(), other({ sid: "PA_third", identity: "third" })], pingInterval: 2 ** 31 - 1 })),
      response({ case: "leave", value: new LeaveRequest({ reason: VendorReason.SERVER_SHUTDOWN }) }),
    ],
    budgetMs,
    run: async (input) => {
      if (!staysHere(input)) return;
      first = input;
      const joining = joinServer(server);
      joining.catch(() => {});
      // What is no message is waited over; what follows it ends the wait.
      const leave = response({ case: "leave", value: new LeaveRequest({ reason: VendorReason.ROOM_DELETED }) });
      const goodbye = setInterval(() => server.tell(leave), 10);
      try {
        const { connection, event } = await joining;
        await event(isEnd);
        await connection.close();
      } catch (error) {
        if (!isRoomtoneError(error)) throw error;
      } finally {
        clearInterval(goodbye);
      }
      await unattended.check();
    },
    close: () => {
      unattended.close();
      return server.close();
    },
  };
}

/** Whatever a server answers to our offer, a track is published, or refused with a sentence, and nothing else happens. */
export async function answerTarget(budgetMs: number): Promise<ClosableTarget> {
  let sdp = "";
  let onOffer = () => {};
  const answerTo = (id: number) => response({ case: "answer", value: new SessionDescription({ type: "answer", sdp, id }) });
  const server = await openScriptedServer({
    onRequest: (request, client) => {
      if (request.case !== "offer") return;
      client.send(answerTo(request.value.id));
      onOffer();
    },
  });
  const unattended = new Unattended();
  const capture = new ExamPcmCapture();
  return {
    corpus: corpus("answers"),
    seeds: [dataAnswerSdp, answerSdp, answerSdp.replaceAll("a=setup:active", "a=setup:passive"), offerSdp].map((text) => Buffer.from(text)),
    budgetMs,
    run: async (input) => {
      if (!staysHere(input)) return;
      sdp = Buffer.from(input).toString("utf8");
      const secondOffer = new Promise<void>((resolve) => {
        onOffer = resolve;
      });
      const { connection, event } = await joinServer(server);
      server.client.send(answerTo(1)); // the first offer came with the join
      const enough = new AbortController();
      const options = { trackId: "t", name: "t", source: "microphone", muted: false, opus: {} } as const;
      const publishing = connection.publish(capture, options, enough.signal).catch((error: unknown) => {
        if (!isRoomtoneError(error) && error !== enough.signal.reason) throw error;
      });
      try {
        // The second offer goes out when the answer to the first was taken, or refused.
        await Promise.race([secondOffer, event(isEnd), publishing]);
        enough.abort(new Error("seen enough"));
        await publishing;
      } finally {
        await connection.close();
      }
      await unattended.check();
    },
    close: async () => {
      unattended.close();
      await capture.close();
      await server.close();
    },
  };
}
