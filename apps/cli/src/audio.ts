type NodeAudio = typeof import("@roomtone/node-audio");

let loading: Promise<NodeAudio> | undefined;

/** node-audio, loaded when something first needs sound or a room: help and tokens never do. */
export function loadAudio(): Promise<NodeAudio> {
  loading ??= import("@roomtone/node-audio");
  return loading;
}

/** Lets go of the native libraries before the process ends; nothing where they were never needed. No room can be joined after it. */
export async function releaseAudio(): Promise<void> {
  const audio = await loading?.catch(() => undefined); // who asked for it has told why it did not load
  await audio?.releaseNatives();
}
