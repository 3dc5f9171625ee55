export * from "./device/list-devices.js";
export * from "./device/microphone.js";
