import { setImmediate } from "node:timers/promises";
import test from "ava";
import { Turns } from "./turns.ts";

/** Starts tests of files at once, each of which takes a moment, and returns what began and ended in which order. */
async function orderOf(files: readonly string[]): Promise<string> {
  const turns = new Turns();
  const seen: string[] = [];
  const each = async (file: string) => {
    seen.push(`+${file}`);
    await setImmediate();
    seen.push(`-${file}`);
  };
  await Promise.all(files.map((file) => turns.run(file, () => each(file))));
  return seen.join(" ");
}

test("tests of one file run at once", async (t) => {
  t.is(await orderOf(["a", "a"]), "+a +a -a -a");
});

test("a file waits until the tests of another are through", async (t) => {
  t.is(await orderOf(["a", "b", "c"]), "+a -a +b -b +c -c");
});

test("tests of a file that come while it runs do not wait for others", async (t) => {
  t.is(await orderOf(["a", "b", "a", "b"]), "+a +a -a -a +b +b -b -b");
});

test("a test that fails says so, and ends its turn", async (t) => {
  const turns = new Turns();
  const failed = turns.run("a", () => {
    throw new Error("red");
  });
  const next = turns.run("b", () => "green");
  await t.throwsAsync(failed, { message: "red" });
  t.is(await next, "green");
});
