import { randomBytes } from "node:crypto";
import type { AccessTokenClaims } from "./access-token.js";
import type { Refusal } from "./request-guard.js";

const MAX_NAME_CHARS = 256;
const MAX_METADATA_CHARS = 8_192;
const MAX_ATTRIBUTES = 64;

/** What is handed out to who asks for no more than a room: the person may speak, hear and send data there. */
const textFields = { room_name: MAX_NAME_CHARS, participant_identity: MAX_NAME_CHARS, participant_name: MAX_NAME_CHARS } as const;

/**
 * Reads the body of LiveKit's standard token request: `room_name`, `participant_name`, `participant_identity`,
 * `participant_metadata`, `participant_attributes`, `room_config`, each optional. Unknown fields are ignored, as the
 * standard may grow; a field of the wrong type is refused.
 */
export function readTokenRequest(body: string, defaultRoomName: string): AccessTokenClaims | Refusal {
  const fields = parseObject(body);
  if (!fields) return bad("The body must be a JSON object.");
  for (const [name, maxChars] of Object.entries({ ...textFields, participant_metadata: MAX_METADATA_CHARS })) {
    const value = fields[name];
    if (value === undefined || value === null) continue;
    if (typeof value !== "string") return bad(`${name} must be a string.`);
    if (value.length > maxChars) return bad(`${name} is longer than ${maxChars} characters.`);
    if (name !== "participant_metadata" && /\p{Cc}/u.test(value)) return bad(`${name} must not contain control characters.`);
  }
  const attributes = fields["participant_attributes"] ?? {};
  if (!isTextRecord(attributes)) return bad("participant_attributes must be an object of strings.");
  if (Object.keys(attributes).length > MAX_ATTRIBUTES) return bad(`participant_attributes has more than ${MAX_ATTRIBUTES} entries.`);
  const roomConfig = fields["room_config"] ?? undefined;
  if (roomConfig !== undefined && !isRecord(roomConfig)) return bad("room_config must be an object.");
  const text = (name: keyof typeof textFields | "participant_metadata"): string => (fields[name] as string | null | undefined) ?? "";
  return {
    roomName: text("room_name") || defaultRoomName,
    // Two participants of one identity evict each other: whoever names none gets one of their own.
    identity: text("participant_identity") || `guest-${randomBytes(6).toString("hex")}`,
    name: text("participant_name"),
    metadata: text("participant_metadata"),
    attributes,
    ...(roomConfig ? { roomConfig } : {}),
  };
}

function parseObject(body: string): Record<string, unknown> | undefined {
  // An empty body asks for a default of everything.
  if (body.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTextRecord(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((text) => typeof text === "string" && text.length <= MAX_METADATA_CHARS);
}

function bad(message: string): Refusal {
  return { status: 400, message };
}
