export * from "./device/list-devices.js";
export * from "./device/microphone.js";
export * from "./natives/check-natives.js";
export * from "./natives/release-natives.js";
export * from "./opus/opus-encoder.js";
