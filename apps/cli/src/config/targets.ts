import { RoomtoneError } from "@roomtone/core";
import { InvalidArgumentError } from "commander";
import type { GlobalOptions } from "./global-options.js";
import { parseServerUrl } from "./values.js";

/** One of several rooms: what `--to` names. */
export interface Target {
  readonly url: string;
  readonly room: string;
}

/** Adds one more `URL,ROOM` of a repeatable flag. A room's name may hold commas, a server's address holds none. */
export function collectTarget(text: string, previous: readonly Target[] | undefined): readonly Target[] {
  const comma = text.indexOf(",");
  const room = text.slice(comma + 1);
  if (comma < 1 || room === "") throw new InvalidArgumentError("It takes a server and a room, such as wss://example.livekit.cloud,stage.");
  return [...(previous ?? []), { url: parseServerUrl(text.slice(0, comma)), room }];
}

/** @throws RoomtoneError `usage` where the targets, or other flags with them, make no sense */
export function checkTargets(targets: readonly Target[], options: GlobalOptions & { readonly driver: string }): void {
  const refuse = (message: string) => {
    throw new RoomtoneError("usage", message, { option: "--to" });
  };
  const given = [options.url !== undefined && "--url", options.room !== undefined && "--room"].filter((flag) => flag !== false);
  if (given.length > 0) refuse(`--to names server and room, so ${given.join(" and ")} cannot be: give --to once for each room.`);
  if (options.driver !== "auto" && options.driver !== "opus") {
    refuse(`--to publishes what one encoder made into every room, which is the driver opus: leave --driver ${options.driver} out.`);
  }
  const seen = new Set<string>();
  for (const { url, room } of targets) {
    const key = `${new URL(url).host},${room}`;
    if (seen.has(key)) refuse(`--to names the room "${room}" on ${new URL(url).host} twice: there can be one of us in it.`);
    seen.add(key);
  }
}

/** What people read of a target: its room, and its server where two rooms have one name. */
export function labelOf({ url, room }: Target, all: readonly Target[]): string {
  return all.filter((other) => other.room === room).length > 1 ? `${room} on ${new URL(url).host}` : room;
}
