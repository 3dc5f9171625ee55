import { describeRoom } from "@roomtone/core";
import type { MicrophoneState } from "./microphone-desk.js";
import type { StayState } from "./stay-state.js";

export interface TalkWords {
  readonly words: string;
  /** The key is lit: what one says now is heard. */
  readonly onAir: boolean;
}

/** What a person who speaks is told of their own voice. */
export function describeTalk({ room, speaking, holding }: StayState, microphone: Pick<MicrophoneState, "status">): TalkWords {
  const { phase } = describeRoom(room);
  const [publication] = room.publications;
  if (phase === "reconnecting" || microphone.status === "lost") return { words: "Nobody hears you now", onAir: false };
  if (speaking === "starting" || phase === "publishing" || !publication) return { words: "Getting ready", onAir: false };
  if (holding) return { words: "Talking while held", onAir: true };
  return publication.muted ? { words: "You are muted", onAir: false } : { words: "You are on air", onAir: true };
}
