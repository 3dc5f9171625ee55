import type { Room } from "@livekit/rtc-node";
import { mayPublish, type RoomtoneError, type TokenGrants, type TrackSource } from "@roomtone/core";
import type { RoomDescriber } from "./describe-room.js";
import { initialPermission, type NativePermission, onPermissionChanged } from "./rtc-internals.js";
import { grantMissing } from "./vendor-errors.js";

/** What we may do in a room: by the token, until the server says something newer. */
export class Permission {
  readonly #grants: TokenGrants;
  readonly #describe: RoomDescriber;
  readonly #stopListening: () => void;
  #newest: NativePermission;

  /** @param onChanged called when the server has changed it, until `close` */
  constructor(room: Room, grants: TokenGrants, describe: RoomDescriber, onChanged: () => void) {
    this.#grants = grants;
    this.#describe = describe;
    this.#newest = initialPermission(room);
    this.#stopListening = onPermissionChanged(room, (permission) => {
      this.#newest = permission;
      onChanged();
    });
  }

  close(): void {
    this.#stopListening();
  }

  /** Why a track may not be published. Asked here, because the server gives no answer to a publish that it does not allow. */
  refusePublish(name: string, source: TrackSource): RoomtoneError | undefined {
    const newest = this.#newest;
    const what = `publishing the track ${JSON.stringify(name)}`;
    if (!(newest?.canPublish ?? this.#grants.canPublish)) return grantMissing("canPublish", what);
    const sources = newest?.canPublishSources ?? [];
    const isAllowed = newest
      ? sources.length === 0 || sources.includes(this.#describe.vendorSource(source))
      : mayPublish(this.#grants, source);
    return isAllowed ? undefined : grantMissing("canPublishSources", `${what} as ${source}`);
  }

  refuseData(): RoomtoneError | undefined {
    const isAllowed = this.#newest?.canPublishData ?? this.#grants.canPublishData;
    return isAllowed ? undefined : grantMissing("canPublishData", "data messages");
  }
}
