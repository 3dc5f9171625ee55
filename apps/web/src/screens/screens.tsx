import { lazy, Suspense, useEffect, useRef } from "react";
import { useStore, useStudio } from "../hooks/use-studio.js";
import { Ended } from "./ended.js";
import { Joining } from "./joining.js";
import { Lobby } from "./lobby.js";

/** What only a room needs is loaded while it is joined. */
const loadLive = () => import("./live.js");
const Live = lazy(async () => ({ default: (await loadLive()).Live }));

/** The screen that there is now. A new one takes the focus to its heading, so that a screen reader begins there. */
export function Screens() {
  const studio = useStudio();
  const state = useStore(studio);
  const first = useRef(true);
  const { screen } = state;
  useEffect(() => {
    // What fails to load here is asked for again when it is shown.
    if (screen === "joining") loadLive().catch(() => {});
    if (!first.current || screen !== "lobby") document.querySelector<HTMLElement>("h1")?.focus();
    first.current = false;
  }, [screen]);
  switch (state.screen) {
    case "lobby":
      return <Lobby />;
    case "joining":
      return <Joining roomName={state.roomName} stay={state.stay} />;
    case "live":
      return (
        <Suspense fallback={<Joining roomName={state.stay.get().room.room?.name ?? ""} stay={state.stay} />}>
          <Live stay={state.stay} />
        </Suspense>
      );
    case "ended":
      return <Ended ending={state.ending} roomName={state.roomName} />;
  }
}
