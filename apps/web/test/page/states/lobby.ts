import { Stay } from "../../../src/state/stay.js";
import { appearing, press, type Scene, type Scenes, write } from "./scene.js";

const roomName = "evening-session";

/** A page that has not been allowed a microphone yet: the browser keeps the names back. */
function withoutNames(): void {
  navigator.mediaDevices.enumerateDevices = async () => [];
}

/** A browser that answers the page's wish for a microphone with an error of that name. */
function refusing(name: string, message = ""): Scene {
  return {
    query: `room=${roomName}`,
    before: () => {
      withoutNames();
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException(message, name));
    },
    after: () => press("Turn on the microphone"),
  };
}

function testing(words: string): () => Promise<void> {
  return async () => {
    await press("Test: three seconds");
    await appearing(() => document.body.textContent.includes(words));
  };
}

function joining(name: string) {
  return { screen: "joining", roomName: name, stay: new Stay() } as const;
}

/** The page before a room. */
export const lobby: Scenes = {
  "lobby-first": { before: withoutNames },
  "lobby-invited": { query: `room=${roomName}`, before: withoutNames },
  "lobby-asking": {
    query: `room=${roomName}`,
    before: () => {
      withoutNames();
      navigator.mediaDevices.getUserMedia = () => new Promise(() => {});
    },
    after: () => press("Turn on the microphone"),
  },
  "lobby-denied": refusing("NotAllowedError", "Permission denied"),
  "lobby-denied-by-system": refusing("NotAllowedError", "Permission denied by system"),
  "lobby-no-device": refusing("NotFoundError"),
  "lobby-in-use": {
    query: `room=${roomName}`,
    before: () => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotReadableError"));
    },
    // Allowed before, so that it opens by itself.
    after: () => appearing(() => document.querySelector(".check .notice")),
  },
  "lobby-unknown-fault": refusing("UnknownError"),
  "lobby-insecure": {
    query: `room=${roomName}`,
    before: () => {
      Object.defineProperty(navigator, "mediaDevices", { value: undefined });
      Object.defineProperty(window, "isSecureContext", { value: false });
    },
    after: () => press("Turn on the microphone"),
  },
  "lobby-microphone": { query: `room=${roomName}`, after: () => appearing(() => document.querySelector(".check .select")) },
  "lobby-test-records": { query: `room=${roomName}`, after: testing("recording three seconds") },
  "lobby-test-plays": { query: `room=${roomName}`, after: testing("Playing it back") },
  "lobby-test-over": { query: `room=${roomName}`, after: testing("That was you") },
  "lobby-test-failed": {
    query: `room=${roomName}`,
    before: () => {
      AudioEncoder.isConfigSupported = async (config) => ({ config, supported: false });
    },
    after: testing("cannot record"),
  },
  "lobby-remembered-gone": {
    query: `room=${roomName}`,
    before: ({ memory }) => memory.change({ name: "Noor", deviceId: "gone" }),
  },
  "lobby-device-lost": {
    query: `room=${roomName}`,
    before: async ({ microphone }) => {
      const opened = await microphone.open();
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotFoundError"));
      opened?.track.dispatchEvent(new Event("ended"));
    },
  },
  "lobby-forgotten": { after: () => press("Forget") },
  "lobby-other-server": {
    after: async () => {
      await press("I have a token");
      await write(".other-server input", "live.example.com");
      await press("Use this server");
    },
  },
  "lobby-token": { query: `room=${roomName}&url=wss://live.example.com` },
  "lobby-token-missing": { query: `room=${roomName}&url=wss://live.example.com`, after: () => press("Join with microphone") },
  "lobby-token-wrong": {
    query: `room=${roomName}&url=wss://live.example.com`,
    after: async () => {
      await write(".secret", "not a token");
      await press("Listen only");
    },
  },
  joining: { before: (studio) => studio.set(joining(roomName)) },
  "joining-unnamed": { before: (studio) => studio.set(joining("")) },
  "joining-asks": {
    before: (studio) => {
      navigator.mediaDevices.getUserMedia = () => new Promise(() => {});
      void studio.microphone.open();
      studio.set(joining(roomName));
    },
  },
};
