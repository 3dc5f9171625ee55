export * from "./device/list-devices.js";
export * from "./device/microphone.js";
export * from "./device/speaker.js";
export * from "./device/watch-devices.js";
export * from "./natives/check-natives.js";
export * from "./natives/release-natives.js";
export * from "./opus/opus-encoder.js";
