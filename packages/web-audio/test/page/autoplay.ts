import { joinRoom, openRoomAudio } from "@roomtone/web-audio";

/** Joins by itself, without any click, and waits for one when it has to. The test learns all from bindings: what it evaluates counts as a click. */
declare global {
  var tell: (what: string) => Promise<void>;
  var credentials: () => Promise<{ url: string; token: string }>;
}

const audio = openRoomAudio();
await joinRoom(await credentials(), {
  subscribe: true,
  on: {
    any: (event) => {
      audio.callbacks.any?.(event);
      if (event.type === "track-subscribed") void tell("subscribed");
      if (event.type !== "playback-blocked") return;
      void tell("blocked");
      document.querySelector("button")?.addEventListener("click", () => {
        event.resume().then(
          () => tell("resumed"),
          (error: Error) => tell(error.message),
        );
      });
    },
  },
});
