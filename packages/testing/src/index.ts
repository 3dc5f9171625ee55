export * from "./signals/detectors.js";
export * from "./signals/generators.js";
export * from "./signals/wav.js";
