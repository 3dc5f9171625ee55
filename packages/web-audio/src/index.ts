// The contracts that a page works with. What implements them in the browser is not built yet.
export type {
  Credentials,
  JoinRoomOptions,
  Publication,
  PublishOptions,
  RoomCallbacks,
  RoomEvent,
  RoomSession,
  RoomState,
  TrackCapture,
} from "@roomtone/core";
