import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readAudit } from "../src/audit.ts";
import { lockfileProblems } from "../src/lockfile.ts";

const checksum = `sha512-${"x".repeat(86)}==`;
const lockfile = (resolution: string) => `packages:\n\n  'some-package@1.0.0':\n    resolution: {${resolution}}\n`;

describe("the lockfile's check", () => {
  it("takes ours", () => {
    expect(lockfileProblems(readFileSync(join(import.meta.dirname, "..", "..", "pnpm-lock.yaml"), "utf8"))).toEqual([]);
  });

  it.each([
    [lockfile("integrity: sha1-abc"), "some-package@1.0.0 has no SHA-512 checksum"],
    [lockfile(`integrity: ${checksum}, tarball: https://elsewhere.example/a.tgz`), "some-package@1.0.0 does not come from the registry"],
    [lockfile(`commit: abc, repo: https://elsewhere.example/a.git, type: git`), "some-package@1.0.0 has no SHA-512 checksum"],
    ["lockfileVersion: '9.0'\n", "there is no package in the lockfile"],
  ])("names what cannot be held against anything: %#", (text, problem) => {
    expect(lockfileProblems(text)).toContain(problem);
  });
});

describe("the audit of dependencies", () => {
  const report = (advisories: object) => JSON.stringify({ advisories, metadata: { vulnerabilities: {} } });

  it("counts what is high or critical", () => {
    expect(readAudit(report({}))).toEqual({ kind: "clean" });
    expect(readAudit(report({ 1: { module_name: "a", severity: "low", title: "t", url: "u" } }))).toEqual({ kind: "clean" });
    expect(readAudit(report({ 1: { module_name: "a", severity: "high", title: "Leaks", url: "u" } }))).toEqual({
      kind: "found",
      advisories: ["a: Leaks (high, u)"],
    });
  });

  it.each(["", "Error: the registry does not answer", '{"error":{"code":"ERR"}}', "{"])(
    "was not done where the answer is none: %s",
    (output) => {
      expect(readAudit(output)).toEqual({ kind: "undone" });
    },
  );
});
