import { readFileSync } from "node:fs";
import { failures } from "@roomtone/core";
import { expect, it } from "vitest";

const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");

it("the README says of every failure what it is and what to do", () => {
  const rows = readme.split("\n").filter((line) => /^\| `[a-z-]+` \| \d+ \|/.test(line));
  expect(rows).toEqual(
    Object.entries(failures).map(([code, { exitCode, when, fix }]) => `| \`${code}\` | ${exitCode} | ${when} | ${fix} |`),
  );
});
