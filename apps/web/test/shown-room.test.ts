import type { RoomEvent } from "@roomtone/core";
import { describeShownRoom } from "@roomtone/testing";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { EndingSentences } from "../src/components/ending-sentences.js";
import { PeopleCount } from "../src/components/people-count.js";
import { RoomLamp } from "../src/components/room-lamp.js";
import { initialStayState, reduceStay } from "../src/state/stay-state.js";

describeShownRoom("the studio", () => {
  let state = initialStayState;
  return {
    tell: (event: RoomEvent) => {
      state = reduceStay(state, event);
    },
    shown: () => {
      const { room } = state;
      if (room.closed) {
        const ended = renderToStaticMarkup(createElement(EndingSentences, { ending: { kind: "closed", closed: room.closed } }));
        return { label: textOf(ended, "h1"), others: 0 };
      }
      const live = renderToStaticMarkup(createElement("div", {}, createElement(RoomLamp, { room }), createElement(PeopleCount, { room })));
      return { label: textOf(live, 'span class="lamp-words"'), others: Number(textOf(live, 'span class="count"')) - 1 };
    },
  };
});

/** What stands in the first element that begins with `tag`. */
function textOf(markup: string, tag: string): string {
  return new RegExp(`<${tag}[^>]*>([^<]*)<`).exec(markup)?.[1] ?? "";
}
