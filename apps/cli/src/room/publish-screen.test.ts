import { stripVTControlCharacters } from "node:util";
import { describeShownRoom } from "@roomtone/testing";
import { afterEach } from "vitest";
import { FakeIo } from "../../test/fake-io.js";
import { Output } from "../output/output.js";
import { PublishScreen } from "./publish-screen.js";

const screens: PublishScreen[] = [];
afterEach(() => {
  for (const screen of screens.splice(0)) screen.close();
});

const othersOf: Readonly<Record<string, number>> = { "nobody else here": 0, "1 other": 1 };

describeShownRoom("the terminal", () => {
  const io = new FakeIo({ terminal: true, columns: 100 });
  const screen = new PublishScreen({ io, output: new Output(io, {}), sources: () => [], roomNames: ["studio"], leave: () => {} });
  screens.push(screen);
  return {
    tell: (event) => screen.onRoomEvent(event, 0),
    shown: () => {
      io.emitJobSignal("SIGWINCH"); // Redraws at once.
      const line = stripVTControlCharacters(io.stderr.text.slice(io.stderr.text.lastIndexOf("●")));
      const [, label = "", others = ""] = /^● (.+?) {2}\d:\d\d {2}studio {2}(.+?)(?: {2}|$)/m.exec(line) ?? [];
      return { label, others: othersOf[others] };
    },
  };
});
