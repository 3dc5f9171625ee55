// Makes letting go of the native libraries last for ever: a leave that does not come to its end.
require("node:module").registerHooks({
  load(url, context, next) {
    if (!url.endsWith("/apps/cli/dist/audio.js")) return next(url, context);
    const source = `export const loadAudio = () => import("@roomtone/node-audio"); export const releaseAudio = () => new Promise(() => {});`;
    return { format: "module", source, shortCircuit: true };
  },
});
