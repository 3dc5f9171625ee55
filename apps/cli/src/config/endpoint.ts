import { endpointTokenSource as coreSource, type TokenSource } from "@roomtone/core";

/** An endpoint that takes longer than this is not there. */
const DEADLINE_MS = 8000;

/** LiveKit's standard token endpoint. `serverUrl`, where given, is joined instead of the one that the endpoint names: a proxy, a tunnel. */
export function endpointTokenSource(endpointUrl: string, serverUrl: string | undefined): TokenSource {
  const source = coreSource({
    endpoint: endpointUrl,
    fetch: (url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(DEADLINE_MS), redirect: "error" }),
  });
  if (serverUrl === undefined) return source;
  return { fetch: async (options, force) => ({ ...(await source.fetch(options, force)), serverUrl }) };
}
