import { type ErrorCode, failures, RoomtoneError } from "@roomtone/core";
import { expect, it } from "vitest";
import { describeEnding } from "./endings.js";
import { type Ending, isTokenSpent } from "./studio.js";

const reasons = ["left", "participant-removed", "room-deleted", "duplicate-identity", "server-unreachable"] as const;
const codes = ["token-expired", "token-invalid", "grant-missing", "endpoint-unreachable", "server-full", "room-refused"] as const;
const notJoined = (code: ErrorCode): Ending => ({ reason: "not-joined", error: new RoomtoneError(code, "a sentence") });

it("gives each end a title of its own", () => {
  const endings: Ending[] = [...reasons.map((reason) => ({ reason, error: undefined })), ...codes.map(notJoined)];
  const titles = endings.map((ending) => describeEnding(ending).title);
  expect(new Set(titles).size).toBe(titles.length);
});

it.each(Object.keys(failures) as ErrorCode[])("has a sentence and a next step for %s", (code) => {
  const { title, sentence, next, again } = describeEnding(notJoined(code));
  expect([title, sentence, next, again].filter((text) => text === "")).toEqual([]);
});

it("asks for another token where the last one is no longer good", () => {
  expect(isTokenSpent({ reason: "token-refused", error: new RoomtoneError("token-expired", "a sentence") })).toBe(true);
  expect(isTokenSpent({ reason: "server-unreachable", error: undefined })).toBe(false);
});
