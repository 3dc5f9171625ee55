import { Lifetime } from "@roomtone/core";

/**
 * A tab that Playwright does not know. Playwright keeps its pages visible whatever covers them; this one is hidden by the next tab, with
 * its timers slowed down, and frozen, as a browser does to a page that nobody looks at.
 */
export class Tab {
  readonly #protocol: DevToolsProtocol;
  readonly #targetId: string;
  readonly #sessionId: string;
  readonly #lifetime: Lifetime;
  #cover: string | undefined;

  private constructor(lifetime: Lifetime, protocol: DevToolsProtocol, targetId: string, sessionId: string) {
    this.#lifetime = lifetime;
    this.#protocol = protocol;
    this.#targetId = targetId;
    this.#sessionId = sessionId;
  }

  static async open(debuggingPort: number, url: string): Promise<Tab> {
    const lifetime = new Lifetime();
    const protocol = lifetime.own(await DevToolsProtocol.open(debuggingPort), (opened) => opened.close());
    const { targetId } = await protocol.send<{ targetId: string }>("Target.createTarget", { url, newWindow: true });
    const { sessionId } = await protocol.send<{ sessionId: string }>("Target.attachToTarget", { targetId, flatten: true });
    lifetime.defer(() => protocol.send("Target.closeTarget", { targetId }));
    return new Tab(lifetime, protocol, targetId, sessionId);
  }

  /** As Playwright's: runs `work` in the page. */
  async evaluate<Result, Argument = undefined>(
    work: (argument: Argument) => Result | Promise<Result>,
    argument?: Argument,
  ): Promise<Result> {
    const expression = `(${work})(${JSON.stringify(argument) ?? ""})`;
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.#inPage<{
      result: { value: Result };
      exceptionDetails?: { exception?: { description?: string } };
    }>("Runtime.evaluate", options);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? "the page threw");
    return result.value;
  }

  /** Another tab covers it. */
  async hide(): Promise<void> {
    this.#cover ??= (await this.#protocol.send<{ targetId: string }>("Target.createTarget", { url: "about:blank" })).targetId;
    await this.#protocol.send("Target.activateTarget", { targetId: this.#cover });
  }

  async show(): Promise<void> {
    await this.#protocol.send("Target.activateTarget", { targetId: this.#targetId });
  }

  /** Nothing of the page runs until it is thawed. It has to be hidden. */
  async freeze(): Promise<void> {
    await this.#inPage("Page.setWebLifecycleState", { state: "frozen" });
  }

  async thaw(): Promise<void> {
    await this.#inPage("Page.setWebLifecycleState", { state: "active" });
  }

  close(): Promise<void> {
    return this.#lifetime.close();
  }

  #inPage<Result>(method: string, parameters: object): Promise<Result> {
    return this.#protocol.send(method, parameters, this.#sessionId);
  }
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

class DevToolsProtocol {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const answer = JSON.parse(String(data)) as Answer;
      if (answer.id === undefined) return;
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
  }

  static async open(port: number): Promise<DevToolsProtocol> {
    const { webSocketDebuggerUrl } = (await (await fetch(`http://127.0.0.1:${port}/json/version`)).json()) as {
      webSocketDebuggerUrl: string;
    };
    const socket = new WebSocket(webSocketDebuggerUrl);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve, { once: true });
      socket.addEventListener("error", () => reject(new Error("Chromium's debugging port does not answer")), { once: true });
    });
    return new DevToolsProtocol(socket);
  }

  async send<Result>(method: string, parameters: object, sessionId?: string): Promise<Result> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method, params: parameters, ...(sessionId ? { sessionId } : {}) }));
    const { result, error } = await answered;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result as Result;
  }

  close(): void {
    this.#socket.close();
  }
}
