export * from "./captures/open-file.js";
export * from "./captures/open-melody.js";
export * from "./captures/open-stream.js";
export * from "./captures/open-tone.js";
export * from "./wav/write-wav.js";
