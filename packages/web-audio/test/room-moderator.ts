import type { RoomModerator } from "@roomtone/testing";
import { RoomServiceClient } from "livekit-server-sdk";

/** The server's API, as a moderator uses it. */
export function createModerator(httpUrl: string, apiKey: string, apiSecret: string): RoomModerator {
  const service = new RoomServiceClient(httpUrl, apiKey, apiSecret);
  return {
    mute: async (room, identity, trackSid) => void (await service.mutePublishedTrack(room, identity, trackSid, true)),
    remove: (room, identity) => service.removeParticipant(room, identity),
    deleteRoom: (room) => service.deleteRoom(room),
    setParticipantMetadata: async (room, identity, metadata) => void (await service.updateParticipant(room, identity, { metadata })),
    setRoomMetadata: async (room, metadata) => void (await service.updateRoomMetadata(room, metadata)),
  };
}
