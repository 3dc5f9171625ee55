import { afterAll, beforeAll } from "vitest";
import { startVirtualMicrophone, type VirtualMicrophone } from "./virtual-microphone.js";

/**
 * A virtual microphone for the tests of a file or `describe` block. Its variables are set on this process for that long, because
 * programs and child processes find their sound daemon through them. Returns how to reach it from within a test.
 */
export function withVirtualMicrophone(): () => VirtualMicrophone {
  let microphone: VirtualMicrophone | undefined;
  const before = new Map<string, string | undefined>();

  beforeAll(async () => {
    microphone = await startVirtualMicrophone();
    for (const [name, value] of Object.entries(microphone.environment)) {
      before.set(name, process.env[name]);
      process.env[name] = value;
    }
  });

  afterAll(async () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await microphone?.close();
  });

  return () => {
    if (!microphone) throw new Error("the virtual microphone is there within tests and hooks only");
    return microphone;
  };
}
