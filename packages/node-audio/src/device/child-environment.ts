/**
 * What sound libraries read. The process that loads them gets these variables and no others, so that no token or key reaches native
 * code, a core dump or a process list through it. Whole names, no prefixes: a product named Pulse may well have a PULSE_API_KEY.
 */
const PASSED_ON = [
  // where programs, libraries, folders and the person's sound settings are
  ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TMP", "TEMP", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"],
  ["XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_DATA_DIRS", "XDG_STATE_HOME", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY"],
  ["PULSE_SERVER", "PULSE_SINK", "PULSE_SOURCE", "PULSE_COOKIE", "PULSE_CLIENTCONFIG", "PULSE_LATENCY_MSEC", "PULSE_PROP"],
  ["PULSE_RUNTIME_PATH", "PULSE_STATE_PATH", "PULSE_CONFIG_PATH"],
  ["PIPEWIRE_REMOTE", "PIPEWIRE_RUNTIME_DIR", "PIPEWIRE_CONFIG_DIR", "PIPEWIRE_CONFIG_NAME", "PIPEWIRE_LATENCY", "PIPEWIRE_NODE"],
  ["ALSA_CONFIG_PATH", "ALSA_CONFIG_DIR", "ALSA_CONFIG_UCM", "ALSA_CONFIG_UCM2", "ALSA_PLUGIN_DIR", "ALSA_CARD", "PA_ALSA_PLUGHW"],
  ["JACK_DEFAULT_SERVER", "JACK_PROMISCUOUS_SERVER"],
  // without these no process starts on Windows
  ["SystemRoot", "SystemDrive", "windir", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "ProgramData"],
].flat();

/**
 * The environment of a PortAudio process. The one place in this package that reads the program's own: these variables say where the
 * sound daemon and its configuration are, and there is no other way to hand them on.
 *
 * @param libraryFolder where PortAudio's own library is. The binding remembers the absolute path of the folder that it was built in,
 *   which is wrong once `node_modules` has moved.
 */
export function childEnvironment(
  libraryFolder: string,
  own: Readonly<Record<string, string | undefined>> = process.env,
): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {};
  for (const name of PASSED_ON) {
    const value = own[name];
    if (value !== undefined) environment[name] = value;
  }
  environment["LD_LIBRARY_PATH"] = [libraryFolder, own["LD_LIBRARY_PATH"]].filter(Boolean).join(":");
  // Electron's executable is Node only when told so.
  if (process.versions["electron"]) environment["ELECTRON_RUN_AS_NODE"] = "1";
  return environment;
}
