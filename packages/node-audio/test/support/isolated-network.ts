import { spawn } from "node:child_process";

const NETWORK = `ip link set lo up
ip link add v0 type veth peer name v1
ip addr add 198.51.100.1/24 dev v0
ip link set v0 up
ip link set v1 up`;
/** UDP goes out by a way on which nobody is, and says nothing of it: as through a firewall that drops it. */
const WITHOUT_UDP = `ip route add default dev v0 table 200
ip rule del pref 0
ip rule add pref 10 ipproto udp lookup 200
ip rule add pref 20 lookup local`;

/** Whether this machine lets us make networks: Linux, as root. */
export async function canIsolate(): Promise<boolean> {
  return runIsolated(["true"]).then(
    () => true,
    () => false,
  );
}

/** Runs `command` in a network of its own, with loopback and one other interface, until it ends; what it printed. Rejects where it fails. */
export async function runIsolated(command: readonly string[], { udp = true } = {}): Promise<string> {
  const script = [NETWORK, ...(udp ? [] : [WITHOUT_UDP]), 'exec "$@"'].join("\n");
  const child = spawn("unshare", ["--net", "--kill-child", "sh", "-ec", script, "sh", ...command], { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-4096);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`ended with ${code}: ${stderr}`);
  return stdout;
}
