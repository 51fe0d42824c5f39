import test, { type TestFn } from "ava";
import { testOf } from "./test-of.ts";
import { Turns } from "./turns.ts";

interface Declared {
  readonly by: string;
  readonly title: unknown;
  readonly run: (...given: readonly unknown[]) => Promise<unknown>;
}

/** A `test` that keeps what is declared, as AVA's does. */
function fakeTest(declared: Declared[]): TestFn {
  const declares =
    (by: string) =>
    (title: unknown, run: Declared["run"]): void =>
      void declared.push({ by, title, run });
  const after = Object.assign(declares("after"), { always: declares("after.always") });
  return Object.assign(declares("test"), { serial: declares("serial"), after }) as unknown as TestFn;
}

test("titles begin with the file, those of serial tests and of hooks too", (t) => {
  const declared: Declared[] = [];
  const own = testOf("deep › a", fakeTest(declared), new Turns());
  own("works", () => {});
  own.serial("works alone", () => {});
  own.after("cleans up", () => {});
  own.after.always(() => {});
  t.deepEqual(
    declared.map(({ by, title }) => [by, title]),
    [
      ["test", "deep › a › works"],
      ["serial", "deep › a › works alone"],
      ["after", "deep › a › cleans up"],
      ["after.always", "deep › a"],
    ],
  );
});

test("a test is given what AVA gives it, and its failure is AVA's", async (t) => {
  const declared: Declared[] = [];
  testOf(
    "a",
    fakeTest(declared),
    new Turns(),
  )("adds", (...given: readonly unknown[]) => {
    if (given.length > 2) throw new Error("too many");
    t.deepEqual(given, [1, 2]);
  });
  await declared[0]?.run(1, 2);
  await t.throwsAsync(async () => declared[0]?.run(1, 2, 3), { message: "too many" });
});
