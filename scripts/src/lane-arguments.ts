/** What a lane of tests takes for itself; everything else goes to what the lane runs, and all of it where that is no test runner. */
export function laneArguments(lane: string, given: readonly string[]): { readonly rest: readonly string[]; readonly writes: boolean } {
  if (!lane.startsWith("test")) return { rest: given, writes: false };
  return { rest: given.filter((argument) => argument !== "--write"), writes: given.includes("--write") };
}
