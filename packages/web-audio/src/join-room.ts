import { type Credentials, createJoinRoom, type JoinRoomOptions, type RoomSession } from "@roomtone/core";
import { createBrowserRuntime } from "./browser-runtime.js";

/**
 * Joins a room and keeps it: see `JoinRoomOptions` and `RoomSession`. Importing this does nothing; the runtime is made on the first call.
 * @throws RoomtoneError `token-missing`, `token-invalid`, `token-expired`, `grant-missing`, `endpoint-unreachable`,
 * `server-unreachable`, `room-refused`, `server-full`, `usage`, `unsupported`
 */
export function joinRoom(credentials: Credentials, options?: JoinRoomOptions): Promise<RoomSession> {
  return createJoinRoom(createBrowserRuntime())(credentials, options);
}
