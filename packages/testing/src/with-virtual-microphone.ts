import { startVirtualMicrophone, type VirtualMicrophone } from "./virtual-microphone.js";
import { withShared } from "./with-shared.js";

/**
 * A virtual microphone for the tests of a file or `describe` block. Its variables are set on this process for that long, because
 * programs and child processes find their sound daemon through them. Returns how to reach it from within a test or a hook.
 */
export function withVirtualMicrophone(): () => VirtualMicrophone {
  const before = new Map<string, string | undefined>();
  return withShared(
    "virtual microphone",
    async () => {
      const microphone = await startVirtualMicrophone();
      for (const [name, value] of Object.entries(microphone.environment)) {
        before.set(name, process.env[name]);
        process.env[name] = value;
      }
      return microphone;
    },
    (microphone) => {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      return microphone.close();
    },
  );
}
