import { Lifetime, type PcmCapture, type Publication, type RoomSession } from "@roomtone/core";
import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { joinRoom, openMicrophone, openTone } from "@roomtone/node-audio";
import { startVirtualMicrophone, type VirtualMicrophone } from "@roomtone/testing";
import { onlyDeviceProcess } from "../support/device-processes.ts";
import { type Counters, startCounters } from "./counters.ts";
import type { Action } from "./schedule.ts";

const ROOM = "soak";
const MOST_GUESTS = 4;
const DEADLINE_MS = 60_000;
/** Streams are told apart from silence by this much. */
const LISTEN_MS = 1000;

const pause = (durationMs: number) => new Promise<void>((resolve) => setTimeout(resolve, durationMs));

interface Attendee {
  readonly room: RoomSession;
  readonly capture: PcmCapture;
  publication: Publication;
}

/** The real parts that are shaken: a server, a sound daemon, a microphone's owner, guests, and an ear in another process. */
export class SoakStage {
  readonly #lifetime: Lifetime;
  readonly #server: DevServer;
  readonly #microphone: VirtualMicrophone;
  readonly #counters: Counters;
  readonly #guests: Attendee[] = [];
  readonly #pending: Promise<unknown>[] = [];
  #owner: Attendee | undefined;
  #identities = 0;
  #outage: Promise<void> = Promise.resolve();
  #soundOutage: Promise<void> = Promise.resolve();

  private constructor(lifetime: Lifetime, server: DevServer, microphone: VirtualMicrophone, counters: Counters) {
    this.#lifetime = lifetime;
    this.#server = server;
    this.#microphone = microphone;
    this.#counters = counters;
  }

  static async open(): Promise<SoakStage> {
    const lifetime = new Lifetime();
    try {
      const server = lifetime.own(await startDevServer(), (opened) => opened.close());
      const microphone = lifetime.own(await startVirtualMicrophone(), (opened) => opened.close());
      Object.assign(process.env, microphone.environment);
      const stage = new SoakStage(
        lifetime,
        server,
        microphone,
        lifetime.own(startCounters(), (started) => started.close()),
      );
      lifetime.defer(() => stage.#sendHome());
      const capture = lifetime.own(await openMicrophone(), (opened) => opened.close());
      stage.#owner = await stage.#attend(capture);
      lifetime.own(stage.#owner.room, (room) => room.close());
      return stage;
    } catch (error) {
      await lifetime.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#lifetime.close();
  }

  /** Does what the schedule says. What takes long goes on while the next ones happen. */
  async perform(action: Action): Promise<void> {
    await pause(action.waitMs);
    const guest = this.#guests[action.whom % Math.max(1, this.#guests.length)];
    const anybody = action.whom % 3 === 0 ? this.#owner : guest;
    switch (action.kind) {
      case "join":
        if (this.#guests.length >= MOST_GUESTS) return;
        await this.#outage;
        this.#guests.push(await this.#attend(openTone({ frequencyHz: 300 + action.whom })));
        return;
      case "leave":
        if (guest) this.#later(this.#leave(guest));
        return;
      case "mute":
      case "unmute":
        if (anybody) this.#later(anybody.publication.setMuted(action.kind === "mute"));
        return;
      case "replace":
        if (guest) this.#later(guest.publication.replace(guest.capture));
        return;
      case "republish":
        if (guest) await this.#outage.then(() => this.#republish(guest));
        return;
      case "kill-capture-process": {
        try {
          process.kill(await onlyDeviceProcess(), "SIGKILL");
        } catch {
          // there is none while it is started anew
        }
        return;
      }
      case "restart-sound-daemon":
        this.#soundOutage = this.#soundOutage.then(() => this.#restartSound(action.durationMs));
        return this.#later(this.#soundOutage);
      case "kill-server":
      case "freeze-server":
        this.#outage = this.#outage.then(() => this.#interrupt(action.kind === "kill-server", action.durationMs));
        return this.#later(this.#outage);
    }
  }

  /** Waits until everything is as intended: all live, and as many streams arrive at the ear as are not muted. Returns how long that took. */
  async settle(): Promise<number> {
    const startMs = performance.now();
    await within("what was asked for to be done", Promise.all(this.#pending.splice(0)));
    const everybody = [...(this.#owner ? [this.#owner] : []), ...this.#guests];
    const isSettled = () =>
      everybody.every(({ room, publication }) => room.state.connection === "connected" && publication.state.status === "live");
    await until(
      "everybody to be live",
      async () => isSettled(),
      () => this.#describe(),
    );
    const speaking = everybody.filter(({ publication }) => !publication.state.muted).length;
    await this.#counters.leaveAll();
    await this.#counters.join(this.#server.url, await this.#server.createToken({ identity: "ear", roomName: ROOM }));
    let heard = 0;
    await until(
      "everybody to be heard",
      async () => {
        const before = await this.#counters.counts();
        await pause(LISTEN_MS);
        const after = await this.#counters.counts();
        heard = Object.entries(after).filter(([key, { received }]) => received > (before[key]?.received ?? 0) + 10).length;
        return heard === speaking;
      },
      () => `${heard} streams arrive and ${speaking} speak; ${this.#describe()}`,
    );
    return performance.now() - startMs;
  }

  /** Back to the beginning: the guests are gone, the owner speaks. Returns how long the owner's voice takes to the ear. */
  async rest(): Promise<number> {
    await this.#sendHome();
    await within("the owner to speak again", this.#owner?.publication.setMuted(false));
    let latencyMs: number | undefined;
    const isHeard = async () => {
      latencyMs = await this.#counters.latencyMs(this.#microphone.environment);
      return latencyMs !== undefined;
    };
    await until("what is said into the microphone to arrive at the ear", isHeard, () => this.#describe());
    await this.#counters.leaveAll();
    return latencyMs ?? Number.NaN;
  }

  async #attend(capture: PcmCapture): Promise<Attendee> {
    this.#identities += 1;
    const token = await this.#server.createToken({ identity: `attendee-${this.#identities}`, roomName: ROOM });
    const room = await joinRoom({ url: this.#server.url, token }, { driver: "opus", joinRetries: 10 });
    return { room, capture, publication: await within("a track to be live", publish(room, capture)) };
  }

  async #republish(guest: Attendee): Promise<void> {
    await within("a track to be unpublished", guest.publication.unpublish());
    guest.publication = await within("a track to be live", publish(guest.room, guest.capture));
  }

  async #leave(guest: Attendee): Promise<void> {
    this.#guests.splice(this.#guests.indexOf(guest), 1);
    await within("a guest to leave", guest.room.close());
    await guest.capture.close();
  }

  async #sendHome(): Promise<void> {
    await Promise.all([...this.#guests].map((guest) => this.#leave(guest)));
  }

  async #interrupt(kill: boolean, durationMs: number): Promise<void> {
    await (kill ? this.#server.kill() : this.#server.signal("SIGSTOP"));
    await pause(durationMs);
    await (kill ? this.#server.start() : this.#server.signal("SIGCONT"));
  }

  async #restartSound(durationMs: number): Promise<void> {
    await this.#microphone.killDaemon();
    await pause(durationMs);
    await this.#microphone.startDaemon();
  }

  #later(done: Promise<unknown>): void {
    done.catch(() => {}); // whoever settles sees it
    this.#pending.push(done);
  }

  #describe(): string {
    const everybody = [...(this.#owner ? [this.#owner] : []), ...this.#guests];
    return everybody
      .map(({ room, publication }) => `${room.state.connection}/${publication.state.status}${publication.state.muted ? "/muted" : ""}`)
      .join(", ");
  }
}

const publish = (room: RoomSession, capture: PcmCapture) => room.publish(capture, { opus: { discontinuousTransmission: false } });

async function within<T>(what: string, promise: Promise<T> | T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${DEADLINE_MS / 1000} s in vain for ${what}`)), DEADLINE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function until(what: string, holds: () => Promise<boolean>, describe: () => string): Promise<void> {
  const startMs = performance.now();
  while (!(await holds())) {
    if (performance.now() - startMs > DEADLINE_MS) throw new Error(`waited ${DEADLINE_MS / 1000} s in vain for ${what}: ${describe()}`);
    await pause(50);
  }
}
