import { toRoomtoneError } from "./errors.js";
import type { RoomCallbacks, RoomEvent, RoomState } from "./room.js";
import { initialRoomState, reduceRoom } from "./room-reducer.js";

/** A room's state and its callbacks: each event makes a new state, and then goes to everybody, in order. */
export class RoomEvents {
  #state: RoomState = initialRoomState;
  readonly #subscribers = new Set<{ readonly callbacks: RoomCallbacks }>();
  readonly #queue: RoomEvent[] = [];
  #dispatching = false;

  get state(): RoomState {
    return this.#state;
  }

  subscribe(callbacks: RoomCallbacks): () => void {
    const subscriber = { callbacks };
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  /** Never throws. An event that a callback causes comes after the one that it is called with has reached everybody. */
  emit(event: RoomEvent): void {
    this.#queue.push(event);
    if (this.#dispatching) return;
    this.#dispatching = true;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      this.#state = reduceRoom(this.#state, next);
      for (const { callbacks } of [...this.#subscribers]) this.#tell(callbacks, next);
    }
    this.#dispatching = false;
  }

  clear(): void {
    this.#subscribers.clear();
  }

  #tell(callbacks: RoomCallbacks, event: RoomEvent): void {
    const callback = callbacks[event.type] as ((event: RoomEvent) => unknown) | undefined;
    for (const call of [callback, callbacks.any as ((event: RoomEvent) => unknown) | undefined]) {
      if (!call) continue;
      try {
        const result = call.call(callbacks, event);
        // An async function is a callback too: its rejection would end a Node process.
        if (isThenable(result)) result.then(undefined, (error: unknown) => this.#report(event, error));
      } catch (error) {
        this.#report(event, error);
      }
    }
  }

  #report({ type }: RoomEvent, error: unknown): void {
    if (type === "warning") return; // Two callbacks that throw at warnings would keep each other busy for ever.
    const failure = toRoomtoneError(error, "internal", `A callback for ${type} threw.`);
    this.emit({ type: "warning", message: `A callback for ${type} threw; the room goes on.`, error: failure });
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | undefined | null)?.then === "function";
}
