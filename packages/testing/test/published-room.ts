import { RoomUnderTest } from "./room-under-test.js";

/** Joined with two tracks, one of them muted. */
export async function published(
  options: ConstructorParameters<typeof RoomUnderTest>[0] = {},
  join: Parameters<RoomUnderTest["join"]>[0] = {},
) {
  const test = new RoomUnderTest(options);
  const room = await test.join(join);
  const voice = await test.clock.run(room.publish(test.capture(), { name: "voice" }));
  const music = await test.clock.run(room.publish(test.capture(), { name: "music", muted: true }));
  return { test, room, voice, music };
}

/** What the server then has of it. */
export const both = { voice: "live", music: "muted" };
