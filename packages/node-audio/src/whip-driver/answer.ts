import { RoomtoneError } from "@roomtone/core";

/** What a server's description says about the one track that we send it. */
export interface AnswerFacts {
  /** It wants to be sent stereo. Where it does not, it plays or forwards mono, whatever the packets hold. */
  readonly takesStereo: boolean;
  /** The id under which it takes audio levels. */
  readonly levelExtensionId: number | undefined;
}

/** @throws RoomtoneError `room-refused` where the server takes no Opus audio */
export function readAnswer(sdp: string): AnswerFacts {
  const audio = sdp.split(/\r?\n(?=m=)/).find((section) => section.startsWith("m=audio "));
  const payloadType = audio && /^a=rtpmap:(\d+) opus\/48000/im.exec(audio)?.[1];
  if (!audio || !payloadType || audio.startsWith("m=audio 0 ") || /^a=(inactive|sendonly)\s*$/m.test(audio)) {
    throw new RoomtoneError("room-refused", "The server's answer takes no Opus audio.");
  }
  const settings = new RegExp(`^a=fmtp:${payloadType} (.*)$`, "m").exec(audio)?.[1] ?? "";
  const extension = /^a=extmap:(\d+)\S* urn:ietf:params:rtp-hdrext:ssrc-audio-level/m.exec(audio)?.[1];
  return {
    takesStereo: settings.split(";").some((setting) => setting.trim() === "stereo=1"),
    levelExtensionId: extension === undefined ? undefined : Number(extension),
  };
}
