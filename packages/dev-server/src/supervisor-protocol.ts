/** Parent to supervisor. Sent over the child's IPC channel, so that nothing of it is in an argument or the environment. */
export type SupervisorCommand =
  | {
      readonly type: "start";
      readonly serverPath: string;
      /** The configuration's text: it holds the API secret. */
      readonly config: string;
      /** Where the server's output goes, appended. */
      readonly logPath: string;
    }
  /** The server answers: its configuration file is needed no more. */
  | { readonly type: "ready"; readonly id: number }
  | { readonly type: "signal"; readonly signal: NodeJS.Signals; readonly id: number }
  /** Ends the server, then the supervisor. */
  | { readonly type: "stop" };

/** Supervisor to parent. */
export type SupervisorReport =
  /** The command with this id was carried out. */
  | { readonly type: "done"; readonly id: number }
  | { readonly type: "spawned"; readonly pid: number }
  | { readonly type: "spawn-failed"; readonly errorCode: string }
  | { readonly type: "exited"; readonly exitCode: number | null; readonly signal: NodeJS.Signals | null };
