export * from "./natives/check-natives.js";
export * from "./natives/release-natives.js";
export * from "./node-runtime.js";
export * from "./opus/opus-encoder.js";
export * from "./rtc-driver/rtc-driver.js";
