export * from "./virtual-microphone.js";
export * from "./with-virtual-microphone.js";
