import { describe, expect, it } from "vitest";
import { sameGroup } from "./foreground.js";

describe("the foreground", () => {
  it("is where the process group is the terminal's, whatever the program is called", () => {
    expect(sameGroup("12 (node) S 1 12 12 34816 12 4194304")).toBe(true);
    expect(sameGroup("12 (no) de) S 1 12 12 34816 99 4194304")).toBe(false);
    expect(sameGroup("12 (a) R 5 12 (b)) S 1 12 12 34816 12 4194304")).toBe(true);
  });
});
