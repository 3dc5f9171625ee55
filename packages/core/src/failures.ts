/** What each failure means for a program: its exit code, and the one line of help that the README and `--help` show. */
export const failures = {
  usage: { exitCode: 64, when: "a flag, value or combination is wrong", fix: "read the message; `--help` shows examples" },
  "invalid-settings": {
    exitCode: 64,
    when: "an Opus or capture setting is out of range, or contradicts another",
    fix: "the message names the setting and what it takes",
  },
  "input-unreadable": {
    exitCode: 66,
    when: "a file is missing, empty, truncated or not audio",
    fix: "play the file with another player; WAV, Ogg Opus, MP3 and FLAC are read",
  },
  "server-unreachable": {
    exitCode: 69,
    when: "no LiveKit server answers at the URL",
    fix: "check the address and port, and that the server runs: `roomtone doctor`",
  },
  "endpoint-unreachable": {
    exitCode: 69,
    when: "the token endpoint does not answer, or answers with no token",
    fix: "check the endpoint's address and its log",
  },
  unsupported: { exitCode: 69, when: "the chosen driver or platform cannot do it", fix: "the message names what can" },
  "native-missing": {
    exitCode: 69,
    when: "a native library is not installed or does not load",
    fix: "reinstall with build scripts allowed: `roomtone doctor` says which",
  },
  "output-unwritable": {
    exitCode: 73,
    when: "the output file, pipe or device cannot be written",
    fix: "check the folder, its rights, and the device's name",
  },
  "disk-full": { exitCode: 73, when: "there is no room left for the output", fix: "free some space; what was written so far plays" },
  "device-not-found": { exitCode: 74, when: "no audio device of that name, or none at all", fix: "`roomtone devices` lists the names" },
  "device-lost": {
    exitCode: 74,
    when: "the audio device stopped delivering and did not return",
    fix: "check the cable or the sound service",
  },
  "device-in-use": { exitCode: 74, when: "another program holds the audio device", fix: "close that program, or choose another device" },
  "permission-denied": {
    exitCode: 74,
    when: "the system or the person refused the microphone",
    fix: "allow it in the system's or the page's settings",
  },
  "insecure-origin": {
    exitCode: 74,
    when: "the page was not loaded securely, and browsers give no microphone to such pages",
    fix: "open the page over https, or from localhost",
  },
  "constraint-unsatisfied": {
    exitCode: 74,
    when: "no audio device does what the constraints ask for",
    fix: "ask with `ideal` in place of `exact`, or choose another device; the message names the constraint",
  },
  "room-refused": {
    exitCode: 76,
    when: "the server refused to let this participant join or publish",
    fix: "check the room's settings on the server, and the token's grants",
  },
  "participant-removed": { exitCode: 76, when: "a moderator removed this participant", fix: "ask the moderator" },
  "duplicate-identity": {
    exitCode: 76,
    when: "somebody joined with the same identity",
    fix: "give each participant an identity of its own",
  },
  "room-deleted": { exitCode: 76, when: "the room was deleted", fix: "join another room, or create it again" },
  "server-full": {
    exitCode: 76,
    when: "the room or the server takes no more participants",
    fix: "try again later, or raise the limit on the server",
  },
  "token-missing": {
    exitCode: 77,
    when: "there is no token, nor a way to get one",
    fix: "`--token-file`, `--token-endpoint`, or `--api-key` with `--api-secret`",
  },
  "token-invalid": {
    exitCode: 77,
    when: "the token is malformed, or signed with another key",
    fix: "check that key, secret and server belong together: `roomtone token --inspect`",
  },
  "token-expired": {
    exitCode: 77,
    when: "the token's time is over, or the clocks disagree",
    fix: "make a new token, and check both clocks",
  },
  "grant-missing": {
    exitCode: 77,
    when: "the token does not allow what was asked",
    fix: "make a token with the grant that the message names",
  },
  internal: { exitCode: 1, when: "a fault of Roomtone", fix: "please report it with the output of `roomtone doctor`" },
} as const satisfies Record<string, { exitCode: number; when: string; fix: string }>;
