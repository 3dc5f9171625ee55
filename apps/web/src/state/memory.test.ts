import { expect, it } from "vitest";
import { MemoryStore } from "./memory.js";

function fakeStorage(content?: string) {
  const entries = new Map(content === undefined ? [] : [["roomtone.studio", content]]);
  return {
    entries,
    getItem: (key: string) => entries.get(key) ?? null,
    setItem: (key: string, value: string) => void entries.set(key, value),
    removeItem: (key: string) => void entries.delete(key),
  };
}

it("remembers from one visit to the next, and forgets when told", () => {
  const storage = fakeStorage();
  const memory = new MemoryStore(storage);
  memory.change({ name: "Noor", theme: "dark" });
  expect(new MemoryStore(storage).get()).toEqual({ name: "Noor", roomName: "", deviceId: "", theme: "dark" });
  memory.forget();
  expect(storage.entries.size).toBe(0);
  expect(memory.get()).toEqual({ name: "", roomName: "", deviceId: "", theme: "dark" });
});

it.each(["{", "null", "[]", '"text"', '{"name":7,"theme":"pink"}', `{"name":"${"x".repeat(300)}"}`])(
  "takes %.20s for nothing kept",
  (content) => {
    expect(new MemoryStore(fakeStorage(content)).get()).toEqual({ name: "", roomName: "", deviceId: "", theme: "system" });
  },
);

it("goes on without where the browser keeps nothing", () => {
  const refuse = () => {
    throw new Error("denied");
  };
  const memory = new MemoryStore({ getItem: refuse, setItem: refuse, removeItem: refuse });
  memory.change({ name: "Noor" });
  memory.forget();
  expect(new MemoryStore(undefined).get().name).toBe("");
});
