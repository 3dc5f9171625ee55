import { execFileSync } from "node:child_process";
import { createFakeToken } from "@roomtone/testing";
import { expect, it } from "vitest";

it("a program that waits for a room is told how it ends, though nothing else holds the process between two attempts", () => {
  const program = `
    import { joinRoom } from "@roomtone/node-audio";
    const credentials = { url: "ws://127.0.0.1:1", token: ${JSON.stringify(createFakeToken({ identity: "me", room: "none" }))} };
    await joinRoom(credentials, { driver: "opus", joinRetries: 1 }).catch(({ code }) => console.log(code));`;
  const options = { cwd: import.meta.dirname, encoding: "utf8" } as const;
  expect(execFileSync(process.execPath, ["--input-type=module", "-e", program], options)).toBe("server-unreachable\n");
});
