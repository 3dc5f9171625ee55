export { createBrowserRuntime } from "./browser-runtime.js";
export { type AudioDevice, type DeviceChange, listDevices, watchDevices } from "./devices.js";
export { liveKitDriver } from "./live-kit/driver.js";
export { type Microphone, type MicrophoneOptions, openMicrophone } from "./microphone.js";
export type { MicrophoneConstraintOptions } from "./microphone-constraints.js";
export type { LeasingCapture, TrackLease } from "./track-leases.js";
