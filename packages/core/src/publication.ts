import type { OpusSettings } from "./encode.js";
import { resolveOpusSettings } from "./opus-settings.js";
import type { Publication } from "./session.js";
import type { TrackLoop } from "./track-loop.js";

/** What the user holds of a track's loop. */
export function createPublication(loop: TrackLoop): Publication {
  const { id, profile } = loop.facts;
  return {
    id,
    get state() {
      return loop.state;
    },
    ended: loop.ended,
    setMuted: (muted) => loop.setMuted(muted),
    replace: (capture) => loop.replace(capture),
    reconfigure: async (settings: Partial<OpusSettings>) => {
      const opus = { ...loop.opus, ...settings };
      resolveOpusSettings(profile, opus);
      await loop.reconfigure(opus);
    },
    networkSample: () => loop.sample(),
    unpublish: () => loop.unpublish(),
  };
}
