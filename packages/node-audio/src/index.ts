export * from "./natives/check-natives.js";
export * from "./natives/release-natives.js";
export * from "./opus/opus-encoder.js";
export * from "./captures/open-file.js";
export * from "./captures/open-melody.js";
export * from "./captures/open-stream.js";
export * from "./captures/open-tone.js";
export * from "./wav/write-wav.js";
