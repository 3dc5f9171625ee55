export * from "./natives/check-natives.js";
export * from "./natives/release-natives.js";
export * from "./opus/opus-encoder.js";
