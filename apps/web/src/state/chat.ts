import type { ParticipantInfo, RoomEvent } from "@roomtone/core";
import { Store } from "./store.js";

export const CHAT_TOPIC = "roomtone.chat";
/** Of one message. The server carries 15 KiB; people write less. */
export const MAX_MESSAGE_CHARS = 2_000;
const MAX_MESSAGE_BYTES = 4 * MAX_MESSAGE_CHARS;
/** Older ones are let go of. */
const MAX_MESSAGES = 200;

export interface ChatMessage {
  readonly id: number;
  readonly from: string;
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
  #nextId = 1;
  #watched = false;

  constructor() {
    super({ messages: [], unread: 0 });
  }

  /** Takes a data message where it is one of the chat's. What strangers send is text and nothing else. */
  receive(event: Extract<RoomEvent, { type: "data-received" }>): void {
    if (event.topic !== CHAT_TOPIC || event.payload.byteLength > MAX_MESSAGE_BYTES) return;
    const text = decode(event.payload);
    if (text) this.#add(nameOf(event.participant), text, false);
  }

  sent(text: string): void {
    this.#add("You", text, true);
  }

  /** Whether the chat is on the screen: what comes meanwhile is read. */
  watch(watched: boolean): void {
    this.#watched = watched;
    if (watched) this.change({ unread: 0 });
  }

  #add(from: string, text: string, own: boolean): void {
    const { messages, unread } = this.get();
    const message = { id: this.#nextId++, from, own, text, atMs: Date.now() };
    this.set({ messages: [...messages.slice(1 - MAX_MESSAGES), message], unread: own || this.#watched ? unread : unread + 1 });
  }
}

export function encodeMessage(text: string): Uint8Array {
  return new TextEncoder().encode(text.trim().slice(0, MAX_MESSAGE_CHARS));
}

/** What somebody is called: the name that the server gives, else the identity. */
export function nameOf(participant: Pick<ParticipantInfo, "name" | "identity"> | undefined): string {
  return participant?.name || participant?.identity || "Somebody";
}

function decode(payload: Uint8Array): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(payload);
    // Control characters and those that turn the writing's direction around would change what stands beside the message.
    return text
      .replace(/[^\P{C}\n\t\u200d]/gu, "")
      .trim()
      .slice(0, MAX_MESSAGE_CHARS);
  } catch {
    return "";
  }
}
