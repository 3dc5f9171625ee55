import { joinRoom, openRoomAudio } from "@roomtone/web-audio";

/**
 * Joins by itself, without any click, and waits for one when it has to. It asks and tells through the network: what a test
 * evaluates in a page counts as a click.
 */
const tell = (what: string) => void fetch("/told", { method: "POST", body: what });
const audio = openRoomAudio();
await joinRoom(await (await fetch("/credentials")).json(), {
  subscribe: true,
  on: {
    any: (event) => {
      audio.callbacks.any?.(event);
      if (event.type === "track-subscribed") tell("subscribed");
      if (event.type !== "playback-blocked") return;
      tell("blocked");
      document.querySelector("button")?.addEventListener("click", () => {
        event.resume().then(
          () => tell("resumed"),
          (error: Error) => tell(error.message),
        );
      });
    },
  },
});
