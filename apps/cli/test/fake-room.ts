import {
  type Credentials,
  createJoinRoom,
  type JoinRoomOptions,
  type PcmCapture,
  type RoomDriver,
  type RoomSession,
  RoomtoneError,
  type Runtime,
} from "@roomtone/core";
import { createFakeToken, ExamPcmCapture, FakeDriver, type FakeDriverOptions, FakeServer, systemTime } from "@roomtone/testing";

/** Stands in for node-audio: rooms of a server in memory, inputs that are tones, and no native library. */
export class FakeNodeAudio {
  readonly server = new FakeServer(systemTime());
  readonly driver: FakeDriver;
  /** Every input that was opened, in order. */
  readonly captures: ExamPcmCapture[] = [];
  /** What opening the microphone fails with. */
  microphoneFailure: RoomtoneError | undefined;
  readonly #runtime: Runtime = {
    nowMs: () => performance.now(),
    wallClockMs: () => Date.now(),
    setTimer: (callback, delayMs) => {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    createAbortController: () => new AbortController(),
    random: () => 0.5,
    probe: async () => this.server.isUp,
    driver: () => this.driver,
  };

  constructor(options: FakeDriverOptions = {}) {
    this.driver = new FakeDriver(this.server, { name: "fake", ...options });
  }

  readonly automaticDriver = (): RoomDriver => this.driver;
  readonly joinRoom = (credentials: Credentials, options?: JoinRoomOptions): Promise<RoomSession> =>
    createJoinRoom(this.#runtime)(credentials, options);
  microphonesOpened = 0;
  readonly openMicrophone = async (): Promise<PcmCapture> => {
    this.microphonesOpened += 1;
    if (this.microphoneFailure) throw this.microphoneFailure;
    return this.openTone();
  };
  readonly openFile = async (path: string): Promise<PcmCapture> => {
    if (path.endsWith("missing.wav")) throw new RoomtoneError("input-unreadable", "There is no file missing.wav.");
    return this.openTone();
  };
  readonly openStream = async (): Promise<PcmCapture> => this.openTone();
  readonly openTone = (options: { frequencyHz?: number } = {}): PcmCapture => {
    const capture = new ExamPcmCapture(options);
    this.captures.push(capture);
    return capture;
  };
  readonly openMelody = (): PcmCapture => this.openTone();

  /** An answer of a token endpoint that lets `ana` into a room, with or without leave to publish. */
  endpointAnswer(canPublish: boolean): string {
    const participantToken = createFakeToken({ identity: "ana", room: "stage", grants: { canPublish } });
    return JSON.stringify({ server_url: this.server.url, participant_token: participantToken });
  }

  /** The flags that let `identity` into `room`. */
  credentials(identity = "ana", room = "stage"): string[] {
    return ["--url", this.server.url, "--token", createFakeToken({ identity, room })];
  }
}
