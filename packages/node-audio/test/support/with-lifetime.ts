import { Lifetime } from "@roomtone/core";
import { afterEach, beforeEach } from "vitest";

/** A lifetime for each test of a file: what it owns is released after the test. Returns how to reach it from within a test. */
export function withLifetime(): () => Lifetime {
  let lifetime: Lifetime | undefined;
  beforeEach(() => {
    lifetime = new Lifetime();
  });
  afterEach(() => lifetime?.close());
  return () => {
    if (!lifetime) throw new Error("the lifetime is there within tests only");
    return lifetime;
  };
}
