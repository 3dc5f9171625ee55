import { RoomtoneError } from "./errors.js";
import type { RoomDriver } from "./publish.js";
import { LiveRoom } from "./room-session.js";
import type { Runtime } from "./runtime.js";
import type { Credentials, JoinRoomOptions, RoomSession } from "./session.js";

/** Joins a room and keeps it. */
export type JoinRoom = (credentials: Credentials, options?: JoinRoomOptions) => Promise<RoomSession>;

/**
 * Binds the session to a platform. The function that it returns resolves when the room is joined, and rejects, with
 * everything released, with the signal's reason or a `RoomtoneError`: `token-missing`, `token-invalid`, `token-expired`, `grant-missing`,
 * `endpoint-unreachable`, `server-unreachable`, `room-refused`, `server-full`, `usage`, `unsupported`, `native-missing`.
 * Nothing is told to the `closed` callback then: there never was a room.
 */
export function createJoinRoom(runtime: Runtime): JoinRoom {
  return async (credentials, options = {}) => {
    options.signal?.throwIfAborted();
    const driver = await chooseDriver(runtime, options);
    const room = new LiveRoom(runtime, driver, credentials, options);
    await room.join();
    return createSession(room);
  };
}

async function chooseDriver(runtime: Runtime, { driver = "auto", subscribe = false }: JoinRoomOptions): Promise<RoomDriver> {
  const chosen = typeof driver === "string" ? await runtime.driver(driver, { subscribe }) : driver;
  if (subscribe && !chosen.canSubscribe) {
    throw new RoomtoneError("unsupported", `The driver ${chosen.name} does not subscribe to others. Choose another, or auto.`, {
      option: "driver",
    });
  }
  return chosen;
}

function createSession(room: LiveRoom): RoomSession {
  const session: RoomSession = {
    get state() {
      return room.state;
    },
    driver: room.driver,
    closed: room.closed,
    on: (callbacks) => room.on(callbacks),
    publish: (capture, options) => room.publish(capture, options),
    sendData: (payload, options) => room.sendData(payload, options),
    close: () => room.close(),
  };
  // Not in the type: consumers compile with libraries that do not have the symbol.
  const { asyncDispose } = Symbol as { readonly asyncDispose?: symbol };
  if (asyncDispose) Object.defineProperty(session, asyncDispose, { value: () => room.close() });
  return session;
}
