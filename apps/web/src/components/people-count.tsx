import { describeRoom, type RoomState } from "@roomtone/core";

/** Everybody in the room, ourselves too. */
export function PeopleCount({ room }: { readonly room: RoomState }) {
  return <span className="count">{describeRoom(room).others + 1}</span>;
}
