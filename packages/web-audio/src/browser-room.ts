import { type Credentials, createJoinRoom, type JoinRoomOptions, type RoomSession } from "@roomtone/core";
import { createBrowserRuntime } from "./browser-runtime.js";

/** All that a room is in the browser, in a module of its own: see `joinRoom`. */
export function joinBrowserRoom(credentials: Credentials, options: JoinRoomOptions): Promise<RoomSession> {
  return createJoinRoom(createBrowserRuntime())(credentials, options);
}
