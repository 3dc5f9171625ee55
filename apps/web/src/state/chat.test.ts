import { expect, it } from "vitest";
import { CHAT_TOPIC, Chat, encodeMessage, MAX_MESSAGE_CHARS } from "./chat.js";

const ann = { sid: "PA_1", identity: "ann", name: "Ann", metadata: "", attributes: {} };
const message = (payload: Uint8Array | string, topic = CHAT_TOPIC, participant = ann) =>
  ({
    type: "data-received",
    payload: typeof payload === "string" ? new TextEncoder().encode(payload) : payload,
    topic,
    participant,
  }) as const;
const texts = (chat: Chat) => chat.get().messages.map(({ text }) => text);

it("takes messages of its topic that are text, and leaves out what would disturb the text beside", () => {
  const chat = new Chat();
  chat.receive(message("hello\u202e\u0007 there\n👩‍🎤"));
  chat.receive(message("other", "another.topic"));
  chat.receive(message(Uint8Array.of(0xff, 0xfe)));
  chat.receive(message(" \u0000 "));
  expect(texts(chat)).toEqual(["hello there\n👩‍🎤"]);
});

it("shows the beginning of what is too long, in whole characters, and says that there is more", () => {
  const chat = new Chat();
  chat.receive(message(`a${"😀".repeat(MAX_MESSAGE_CHARS)}`));
  expect(texts(chat)).toEqual([`a${"😀".repeat(MAX_MESSAGE_CHARS / 2 - 1)} …`]);
});

it("keeps the newest 1000 messages", () => {
  const chat = new Chat();
  for (let index = 0; index < 1_500; index++) chat.receive(message(`message ${index}`));
  expect(chat.get().messages).toHaveLength(1_000);
  expect(texts(chat).at(-1)).toBe("message 1499");
});

it("puts the name to what was written before the server told who wrote it", () => {
  const chat = new Chat();
  chat.receive(message("first words", CHAT_TOPIC, { ...ann, sid: "", name: "" }));
  expect(chat.get().messages.map(({ from }) => from)).toEqual(["Somebody"]);
  chat.meet({ ...ann, identity: "ben", name: "Ben" });
  chat.meet(ann);
  chat.meet({ ...ann, name: "Renamed" });
  expect(chat.get().messages.map(({ from }) => from)).toEqual(["Ann"]);
});

it("counts what came while nobody looked", () => {
  const chat = new Chat();
  chat.receive(message("one"));
  chat.sent("mine");
  expect(chat.get().unread).toBe(1);
  chat.watch(true);
  chat.receive(message("two"));
  expect(chat.get().unread).toBe(0);
});

it("sends no more than others take", () => {
  expect(encodeMessage("👩".repeat(MAX_MESSAGE_CHARS)).byteLength).toBeLessThanOrEqual(4 * MAX_MESSAGE_CHARS);
});
