/** What `--json` prints, one object a line. The names and fields are a contract with programs: additions only. */
export type CliEvent =
  | { readonly event: "connected"; readonly room: string; readonly identity: string; readonly attempt: number }
  | {
      readonly event: "published";
      /** The track's name. */
      readonly track: string;
      readonly sid: string | undefined;
      readonly driver: string;
      /** Since `publish` was asked for. */
      readonly elapsedMs: number;
      readonly muted: boolean;
    }
  | StatsEvent
  /** The track's packets are published as they came: nothing is decoded or encoded. */
  | { readonly event: "passing-through"; readonly track: string; readonly channels: 1 | 2 }
  /** Of several rooms, this one is over, and the others go on. */
  | { readonly event: "room-closed"; readonly reason: string; readonly code?: string | undefined; readonly message?: string | undefined }
  | { readonly event: "muted" | "unmuted"; readonly track: string; readonly by: "user" | "server" }
  | {
      /** One of our tracks follows the network: these are its settings from now on, as far as the driver can change them. */
      readonly event: "quality-changed";
      readonly track: string;
      readonly bitrateBps: number;
      readonly forwardErrorCorrection: boolean;
      readonly expectedPacketLossPercent: number;
      readonly frameDurationMs: number;
      readonly because: "random-loss" | "loss-gone" | "congestion" | "path-clear" | "available-bitrate";
      /** A sentence with what changed, and the figures that it rests on. */
      readonly explanation: string;
    }
  | { readonly event: "reconnecting"; readonly reason: string; readonly attempt: number }
  | { readonly event: "reconnected"; readonly attempt: number; readonly resumed: boolean; readonly outageMs: number }
  | { readonly event: "device-lost"; readonly device: string }
  | { readonly event: "device-restored"; readonly device: string; readonly fallback: boolean; readonly gapMs: number }
  | { readonly event: "participant-joined" | "participant-left"; readonly identity: string; readonly name: string }
  | {
      readonly event: "track-subscribed" | "track-unsubscribed";
      readonly identity: string;
      readonly track: string;
      readonly sid: string;
      readonly kind: "audio" | "video";
    }
  | { readonly event: "recording"; readonly path: string }
  | {
      readonly event: "recorded";
      readonly path: string;
      readonly durationMs: number | undefined;
      readonly lostMs: number | undefined;
    }
  /** Where `--metrics` serves `/metrics` and `/healthz`. */
  | { readonly event: "metrics"; readonly url: string }
  | {
      readonly event: "ready";
      readonly url: string;
      readonly tokenEndpoint: string;
      readonly page: string;
      readonly room: string;
    }
  | {
      readonly event: "device";
      readonly change?: "added" | "removed" | undefined;
      readonly kind: "input" | "output";
      readonly name: string;
      readonly isDefault: boolean;
      readonly maxChannels: number;
      readonly defaultSampleRateHz: number;
      readonly hostApi: string;
    }
  | {
      readonly event: "token";
      readonly token: string;
      readonly identity: string;
      readonly room: string | undefined;
      readonly expiresAt: string;
    }
  | ({ readonly event: "claims" } & Readonly<Record<string, unknown>>)
  | {
      readonly event: "check";
      readonly check: string;
      readonly result: "ok" | "failed" | "skipped";
      readonly message: string;
      readonly fix: string | undefined;
    }
  | { readonly event: "warning"; readonly message: string; readonly code?: string | undefined }
  | { readonly event: "error"; readonly code: string; readonly message: string; readonly fix: string }
  /** Always the last line. `reason` is the room's, `finished` for a command without one, or `failed`. */
  | { readonly event: "closed"; readonly reason: string };

/** Which of several rooms an event is of: `room` and `to` go into its JSON. */
export interface Place {
  readonly room: string;
  /** Position among the `--to`, from 1. */
  readonly to: number;
  /** For people. */
  readonly label: string;
}

/** One reading of a published track, or of what `listen` and `record` take in. What is not known is absent. */
export interface StatsEvent {
  readonly event: "stats";
  readonly track: string;
  readonly sid?: string | undefined;
  /** Sent since the last reading, in bits per second, without packet headers where the driver knows. */
  readonly bitrateBps?: number | undefined;
  readonly packetsSent?: number | undefined;
  readonly bytesSent?: number | undefined;
  readonly packetsLost?: number | undefined;
  readonly lossPercent?: number | undefined;
  readonly jitterMs?: number | undefined;
  readonly roundTripMs?: number | undefined;
  /** Root mean square of the source's last 100 ms or so, in dB below full scale. */
  readonly levelDbfs?: number | undefined;
  readonly muted?: boolean | undefined;
}
