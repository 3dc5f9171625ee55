import { isRoomtoneError, type RoomtoneError } from "@roomtone/core";

/** While the browser's question stands. */
export const MICROPHONE_ASKED = "The browser asks whether this page may use the microphone: choose Allow.";

export interface Advice {
  readonly title: string;
  readonly sentence: string;
}

/** Whether no attempt on this page can open a microphone. */
export function isHopeless(error: RoomtoneError | undefined): boolean {
  return isRoomtoneError(error, "insecure-origin") || isRoomtoneError(error, "unsupported");
}

/** Whether it may be the device's fault, so that another one is worth a try. */
export function mayBeDevice(error: RoomtoneError | undefined): boolean {
  return error !== undefined && error.code !== "permission-denied" && !isHopeless(error);
}

/** What a person can do about a microphone that does not open. Listening always works, and each of them says so. */
export function microphoneAdvice(error: RoomtoneError): Advice {
  switch (error.code) {
    case "permission-denied":
      return { title: "The microphone is not allowed", sentence: `${error.message} You can listen meanwhile.` };
    case "device-not-found":
      return { title: "There is no microphone", sentence: "Connect one, then try again. You can listen without." };
    case "device-in-use":
      return { title: "The microphone is busy", sentence: `${error.message} You can listen meanwhile.` };
    case "insecure-origin":
      return {
        title: "This page may not use a microphone",
        sentence: "Browsers give microphones to secure pages only: open this one over https, or from localhost. You can listen here.",
      };
    case "device-lost":
      return { title: "The microphone went away", sentence: "Connect it again, then try again. You hear the others meanwhile." };
    default:
      return { title: "The microphone does not open", sentence: `${error.message} You can listen meanwhile.` };
  }
}

const known: ReadonlySet<RoomtoneError["code"]> = new Set(["permission-denied", "device-not-found", "device-in-use", "insecure-origin"]);

/** The same in one sentence, for who listens already. */
export function microphoneRemedy(error: RoomtoneError): string {
  // A message says what happened and, behind the colon, what to do.
  const [, ...toDo] = error.message.split(": ");
  return known.has(error.code) && toDo.length > 0 ? `${microphoneAdvice(error).title}: ${toDo.join(": ")}` : error.message;
}
