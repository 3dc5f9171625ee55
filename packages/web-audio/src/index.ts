// The contracts that a page works with, so that it installs one package.
export type {
  Credentials,
  JoinRoomOptions,
  Publication,
  PublishOptions,
  RoomCallbacks,
  RoomEvent,
  RoomSession,
  RoomState,
  RoomStatus,
  TrackCapture,
} from "@roomtone/core";
export { describeRoom } from "@roomtone/core";
export { createBrowserRuntime } from "./browser-runtime.js";
export { type AudioDevice, type DeviceChange, listDevices, watchDevices } from "./devices.js";
export { joinRoom } from "./join-room.js";
export { liveKitDriver } from "./live-kit/driver.js";
export { type Microphone, type MicrophoneOptions, openMicrophone } from "./microphone.js";
export type { MicrophoneConstraintOptions } from "./microphone-constraints.js";
export { openRoomAudio, type RoomAudio, type RoomAudioTrack } from "./room-audio.js";
export type { LeasingCapture, TrackLease } from "./track-leases.js";
