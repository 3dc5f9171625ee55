import { expect, it } from "vitest";
import { Lifetime } from "./lifetime.js";

it("releases what is owned newest first and once, however often it is closed", async () => {
  const released: string[] = [];
  const lifetime = new Lifetime();
  lifetime.own("first", (name) => released.push(name));
  lifetime.own("second", async (name) => released.push(name));
  await Promise.all([lifetime.close(), lifetime.close()]);
  expect(released).toEqual(["second", "first"]);
});

it("runs every release though one fails, and throws the first failure", async () => {
  const released: string[] = [];
  const lifetime = new Lifetime();
  lifetime.defer(() => released.push("oldest"));
  lifetime.defer(() => {
    throw new Error("broken");
  });
  await expect(lifetime.close()).rejects.toThrow("broken");
  expect(released).toEqual(["oldest"]);
});

it("releases at once what comes after the close, and lets no failure of that through, thrown or rejected", async () => {
  const released: string[] = [];
  const lifetime = new Lifetime();
  await lifetime.close();
  expect(lifetime.own("late", (name) => released.push(name))).toBe("late");
  expect(released).toEqual(["late"]);
  expect(() =>
    lifetime.defer(() => {
      throw new Error("broken");
    }),
  ).not.toThrow();
  lifetime.defer(() => Promise.reject(new Error("broken")));
});
