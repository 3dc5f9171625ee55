import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path));

export interface ChromiumOptions {
  /** `fake`: one that beeps, or plays `microphoneWav`. `denied`: the person says no. `none`: there is none. Default `fake`. */
  readonly microphone?: "fake" | "denied" | "none";
  readonly microphoneWav?: string;
  /** Scripts are interpreted alone: what an engine compiles grows with time, is part of its heap, and is nothing that a page keeps. */
  readonly interpreted?: boolean;
  /** Default false: as on a person's machine, sound needs a click. */
  readonly freePlayback?: boolean;
  /** A name that leads to this machine, and that browsers do not take for it: such an origin is not secure. */
  readonly hostAlias?: string;
}

/** An environment in which nothing finds a sound card or a sound service. */
const noSound = { PATH: "/usr/bin:/bin", HOME: "/nonexistent", PULSE_SERVER: "unix:/nonexistent", ALSA_CONFIG_PATH: "/dev/null" };

export function launchChromium({
  microphone = "fake",
  microphoneWav,
  freePlayback,
  hostAlias,
  interpreted,
}: ChromiumOptions = {}): Promise<Browser> {
  if (!executablePath) throw new Error("these tests need Chromium: apt-get install chromium");
  return chromium.launch({
    executablePath,
    ...(microphone === "none" ? { env: noSound } : {}),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      `--js-flags=--expose-gc${interpreted ? " --no-sparkplug --no-maglev --no-turbofan --no-flush-bytecode" : ""}`,
      // Loopback candidates by address: there is no mDNS responder to look names up at.
      "--disable-features=WebRtcHideLocalIpsWithMdns",
      `--autoplay-policy=${freePlayback ? "no-user-gesture-required" : "document-user-activation-required"}`,
      microphone === "denied" ? "--deny-permission-prompts" : "--use-fake-ui-for-media-stream",
      ...(microphone === "none" ? [] : ["--use-fake-device-for-media-stream"]),
      ...(microphoneWav ? [`--use-file-for-fake-audio-capture=${microphoneWav}`] : []),
      ...(hostAlias ? [`--host-resolver-rules=MAP ${hostAlias} 127.0.0.1`] : []),
    ],
  });
}
