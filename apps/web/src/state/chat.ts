import type { ParticipantInfo, RoomEvent } from "@roomtone/core";
import { cutText, tidyName, tidyText } from "./names.js";
import { Store } from "./store.js";

export const CHAT_TOPIC = "roomtone.chat";
/** Of one message. The server carries 15 KiB; people write less, and of what other programs send the beginning is shown. */
export const MAX_MESSAGE_CHARS = 2_000;
/** Older ones are let go of. Many, so that a burst leaves a reader further up what is being read. */
const MAX_MESSAGES = 1_000;

export interface ChatMessage {
  readonly id: number;
  readonly from: string;
  /** Whose name is not known yet. */
  readonly identity: string | undefined;
  readonly own: boolean;
  readonly text: string;
  readonly atMs: number;
}

export interface ChatState {
  readonly messages: readonly ChatMessage[];
  /** Came since the chat was last looked at. */
  readonly unread: number;
}

/** What was said in writing: the newest of it. */
export class Chat extends Store<ChatState> {
  /** What is written and not sent yet: the field may go and come back. */
  draft = "";
  #nextId = 1;
  #watched = false;

  constructor() {
    super({ messages: [], unread: 0 });
  }

  /** Takes a data message where it is one of the chat's. What strangers send is text and nothing else. */
  receive(event: Extract<RoomEvent, { type: "data-received" }>): void {
    if (event.topic !== CHAT_TOPIC) return;
    const text = decode(event.payload);
    const { participant } = event;
    const known = participant === undefined || participant.sid !== "";
    if (text) this.#add(known ? nameOf(participant) : "Somebody", text, false, known ? undefined : participant.identity);
  }

  /** Puts the name to what somebody wrote before the server told who they are. */
  meet(participant: ParticipantInfo): void {
    const { messages } = this.get();
    if (!messages.some(({ identity }) => identity === participant.identity)) return;
    const from = nameOf(participant);
    this.change({
      messages: messages.map((message) =>
        message.identity === participant.identity ? { ...message, from, identity: undefined } : message,
      ),
    });
  }

  sent(text: string): void {
    this.#add("You", text, true);
  }

  /** Whether the chat is on the screen: what comes meanwhile is read. */
  watch(watched: boolean): void {
    this.#watched = watched;
    if (watched) this.change({ unread: 0 });
  }

  #add(from: string, text: string, own: boolean, identity?: string): void {
    const { messages, unread } = this.get();
    const message = { id: this.#nextId++, from, identity, own, text, atMs: Date.now() };
    this.set({ messages: [...messages.slice(1 - MAX_MESSAGES), message], unread: own || this.#watched ? unread : unread + 1 });
  }
}

export function encodeMessage(text: string): Uint8Array {
  return new TextEncoder().encode(cutText(text.trim(), MAX_MESSAGE_CHARS));
}

/** What somebody is called: the name that the server gives, else the identity. */
export function nameOf(participant: Pick<ParticipantInfo, "name" | "identity"> | undefined): string {
  return tidyName(participant?.name ?? "") || tidyName(participant?.identity ?? "") || "Somebody";
}

function decode(payload: Uint8Array): string {
  try {
    const text = tidyText(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    const cut = cutText(text, MAX_MESSAGE_CHARS);
    return cut === text ? text : `${cut} …`;
  } catch {
    return "";
  }
}
