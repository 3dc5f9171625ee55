/** All that is used of livekit-client, by name: a bundler leaves out the rest of it, 10 kB gzipped. Loaded by `loadLiveKit` alone. */
export {
  ConnectionState,
  CriticalTimers,
  DisconnectReason,
  getLogger,
  LocalAudioTrack,
  LoggerNames,
  LogLevel,
  Room,
  RoomEvent,
  Track,
  TrackEvent,
} from "livekit-client";
