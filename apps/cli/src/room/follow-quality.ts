import type { Lifetime } from "@roomtone/core";
import { loadAudio } from "../audio.js";
import type { Output } from "../output/output.js";
import type { PublishPlan } from "./publish-room.js";
import { encodingOf, type Sending, type Source } from "./sources.js";

/** Lets a source that one encoder serves follow the networks of its rooms. What is not shared follows its own, in the session. */
export async function followQuality(
  { name, shared, sendings }: Source,
  plan: Pick<PublishPlan, "rooms" | "profile" | "opus" | "quality">,
  lifetime: Lifetime,
  output: Output,
): Promise<void> {
  if (!shared) return;
  const { followRooms } = await loadAudio();
  const several = plan.rooms.length > 1;
  const following = followRooms<Sending>(shared, {
    ...encodingOf(plan),
    policy: several && plan.quality !== "follow-worst" ? "hold" : "follow-worst",
    rooms: () => sendings,
    onDecision: ({ settings, because, explanation, rooms }) => {
      const places = rooms.flatMap(({ place }) => (place ? [{ room: place.room, to: place.to }] : []));
      output.event({ event: "quality-changed", track: name, ...settings, because, explanation, ...(several && { rooms: places }) });
    },
  });
  lifetime.defer(() => following.close());
  void following.ended.then((error) => {
    if (error)
      output.event({ event: "warning", message: `Track ${name} follows the network no longer: ${error.message}`, code: error.code });
  });
}
