import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const EXECUTABLES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** An environment in which nothing finds a sound card or a sound service. */
const noSound = { PATH: "/usr/bin:/bin", HOME: "/nonexistent", PULSE_SERVER: "unix:/nonexistent", ALSA_CONFIG_PATH: "/dev/null" };

export interface ChromiumOptions {
  /** What the fake microphone plays, in place of its beeps. */
  readonly microphoneWav?: string;
  /** Real devices of the system, with the permission prompt alone faked. Default false: fake devices too. */
  readonly realDevices?: boolean;
  /** Default: the person has allowed everything. */
  readonly prompt?: "allow" | "deny";
  /** Default: pages may play sound without a click. */
  readonly autoplay?: "free" | "needs-click";
  /** Neither devices nor a sound service. */
  readonly noDevices?: boolean;
  /** A name that leads to this machine, and that browsers do not take for it: such an origin is not secure. */
  readonly hostAlias?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Pages that are covered are hidden, and slowed down; tabs are opened through this port (see `Tab`). */
  readonly debuggingPort?: number;
  /** How long a page is hidden before its own timers run once a minute. Chromium's own: 300. */
  readonly hiddenGraceS?: number;
  /** Scripts are interpreted alone: what an engine compiles grows with time, is part of its heap, and is nothing that a page keeps. */
  readonly interpreted?: boolean;
}

/** What Playwright switches off and ordinary browsers do to a page that nobody sees. */
const backgrounding = [
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
  "--disable-background-timer-throttling",
];

/** The system's Chromium, headless, with a microphone made of a file. */
export function launchChromium(options: ChromiumOptions = {}): Promise<Browser> {
  const executablePath = EXECUTABLES.find((path) => existsSync(path));
  if (!executablePath) throw new Error("these tests need Chromium: apt-get install chromium");
  return chromium.launch({
    executablePath,
    ...(options.noDevices ? { env: noSound } : options.env ? { env: { ...options.env } } : {}),
    // Playwright mutes audio by default; its own default stays out of the way of the fake devices.
    ignoreDefaultArgs: ["--mute-audio", ...(options.debuggingPort ? backgrounding : [])],
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      `--js-flags=--expose-gc${options.interpreted ? " --no-sparkplug --no-maglev --no-turbofan --no-flush-bytecode" : ""}`,
      // Loopback candidates by address: there is no mDNS responder to look names up at.
      "--disable-features=WebRtcHideLocalIpsWithMdns",
      `--autoplay-policy=${options.autoplay === "needs-click" ? "user-gesture-required" : "no-user-gesture-required"}`,
      ...(options.prompt === "deny" ? ["--deny-permission-prompts"] : ["--use-fake-ui-for-media-stream"]),
      ...(options.realDevices || options.noDevices ? [] : ["--use-fake-device-for-media-stream"]),
      ...(options.debuggingPort ? [`--remote-debugging-port=${options.debuggingPort}`] : []),
      ...(options.hiddenGraceS
        ? [
            // Playwright's Chromium leaves it out otherwise.
            "--intensive-wake-up-throttling-policy=force-enable",
            `--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/${options.hiddenGraceS}`,
          ]
        : []),
      ...(options.hostAlias ? [`--host-resolver-rules=MAP ${options.hostAlias} 127.0.0.1`] : []),
      ...(options.microphoneWav ? [`--use-file-for-fake-audio-capture=${options.microphoneWav}`] : []),
    ],
  });
}
