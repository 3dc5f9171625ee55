import { type ConnectionQuality, describeRoom, type RoomtoneError } from "@roomtone/core";
import type { MicrophoneState } from "./microphone-desk.js";
import type { StayState } from "./stay-state.js";

export interface HealthWords {
  readonly tone: "good" | "fair" | "bad";
  readonly title: string;
  /** What is being done about it, or what there is to know. */
  readonly sentence: string;
}

/** Of a connection that is named beside it. */
export const connectionWords: Readonly<Record<ConnectionQuality, string>> = {
  excellent: "Excellent",
  good: "Good",
  poor: "Poor",
  lost: "Lost",
  unknown: "Not measured yet",
};

function publishAdvice(error: RoomtoneError): string {
  return error.code === "grant-missing"
    ? "Your token lets you listen, and not speak. Ask whoever gave it to you for one with the right to publish; you hear the others meanwhile."
    : error.message;
}

/** The state of things, in words. The worst of it comes first. */
export function describeHealth(stay: StayState, microphone: Pick<MicrophoneState, "status">): HealthWords {
  const { room, publishError, speaking } = stay;
  const { phase, happened, next } = describeRoom(room);
  if (phase === "reconnecting") {
    return { tone: "bad", title: happened ?? "", sentence: `${next}${speaking === "no" ? "" : " Your mute stays as it is."}` };
  }
  if (publishError) return { tone: "bad", title: "You are not heard", sentence: publishAdvice(publishError) };
  if (microphone.status === "lost") {
    return {
      tone: "bad",
      title: "The microphone is gone",
      sentence: "Looking for it, or for another one. Connect it again, or choose another.",
    };
  }
  if (room.quality === "lost" || room.quality === "poor") {
    return {
      tone: "fair",
      title: "The network is having a hard time",
      sentence: "Each packet carries the one before it too, so that most gaps close. A cable, or a place nearer to the router, helps most.",
    };
  }
  if (speaking === "starting" || phase === "publishing")
    return { tone: "fair", title: "Nearly there", sentence: "The server is being told of your microphone." };
  if (speaking === "no") return { tone: "good", title: "Listening", sentence: "You hear the room. Nothing of you is sent." };
  if (phase === "muted") return { tone: "good", title: "Connected, and muted", sentence: "Nothing is sent while you are muted." };
  return { tone: "good", title: "All is well", sentence: "Your voice leaves, and the others arrive." };
}
