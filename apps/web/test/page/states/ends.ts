import { type ErrorCode, type RoomClosed, RoomtoneError } from "@roomtone/core";
import type { Ending } from "../../../src/state/endings.js";
import type { Scene, Scenes } from "./scene.js";

const roomName = "evening-session";

function shown(ending: Ending): Scene {
  return { before: (studio) => studio.set({ screen: "ended", roomName, ending }) };
}

function ended(reason: RoomClosed["reason"], error?: RoomtoneError): Scene {
  return shown({ kind: "closed", closed: { reason, ...(error ? { error } : {}) } });
}

function notJoined(code: ErrorCode, message: string, tokenByHand = false): Scene {
  return shown({ kind: "not-joined", error: new RoomtoneError(code, message), tokenByHand });
}

/** Each way in which a stay ends, and each in which there is none. */
export const ends: Scenes = {
  "end-left": ended("left"),
  "end-removed": ended("participant-removed"),
  "end-room-closed": ended("room-deleted"),
  "end-joined-elsewhere": ended("duplicate-identity"),
  "end-server-gone": ended("server-unreachable"),
  "end-token-expired": ended("token-refused", new RoomtoneError("token-expired", "The server refused the token because its time is over.")),
  "end-token-refused": ended("token-refused", new RoomtoneError("token-invalid", "The server no longer takes the token.")),
  "end-room-full": ended("room-refused", new RoomtoneError("server-full", "The server takes nobody more.")),
  "end-refused": ended("room-refused", new RoomtoneError("room-refused", "The server ended the join.")),
  "end-failed": ended("failed", new RoomtoneError("internal", "This is a fault of Roomtone.")),
  "not-joined-endpoint": notJoined("endpoint-unreachable", "The token endpoint does not answer."),
  "not-joined-no-server": notJoined("server-unreachable", "No LiveKit server answered."),
  "not-joined-code": notJoined("native-missing", "The page's own code for rooms did not load."),
  "not-joined-token-expired": notJoined("token-expired", "The server refused the token.", true),
  "not-joined-token-refused": notJoined("token-invalid", "The server refused the token.", true),
  "not-joined-grant": notJoined("grant-missing", "The token does not allow joining a room: it lacks the grant roomJoin.", true),
  "not-joined-full": notJoined("server-full", "The server takes the token and turns the join away."),
  "not-joined-refused": notJoined("room-refused", "The room does not exist, and the server does not create rooms on joining."),
  "not-joined-browser": notJoined("unsupported", "This browser has no WebRTC, or an extension blocks it: use a current browser."),
  "not-joined-fault": notJoined("internal", "This is a fault of Roomtone."),
};
