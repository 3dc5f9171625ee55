import { toRoomtoneError } from "./errors.js";
import type { RoomCallbacks, RoomEvent, RoomState } from "./room.js";
import { initialRoomState, reduceRoom } from "./room-reducer.js";

/** A room's state and its callbacks: each event makes a new state, and then goes to everybody, in order. */
export class RoomEvents {
  #state: RoomState = initialRoomState;
  readonly #subscribers = new Set<{ readonly callbacks: RoomCallbacks }>();
  readonly #queue: Array<{ readonly event: RoomEvent; readonly except?: RoomCallbacks }> = [];
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
    this.#enqueue({ event });
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
        if (isThenable(result)) result.then(undefined, (error: unknown) => this.#report(callbacks, event, error));
      } catch (error) {
        this.#report(callbacks, event, error);
      }
    }
  }

  /** The one that threw is not told of it: it may throw at that, too. */
  #report(callbacks: RoomCallbacks, event: RoomEvent, error: unknown): void {
    const failure = toRoomtoneError(error, "internal", `A callback for ${event.type} threw.`);
    this.#enqueue({
      event: { type: "warning", message: `A callback for ${event.type} threw; the room goes on.`, error: failure },
      except: callbacks,
    });
  }

  #enqueue(entry: { readonly event: RoomEvent; readonly except?: RoomCallbacks }): void {
    this.#queue.push(entry);
    if (this.#dispatching) return;
    this.#dispatching = true;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      this.#state = reduceRoom(this.#state, next.event);
      for (const { callbacks } of [...this.#subscribers]) if (callbacks !== next.except) this.#tell(callbacks, next.event);
    }
    this.#dispatching = false;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | undefined | null)?.then === "function";
}
