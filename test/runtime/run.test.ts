import test from "ava";
import { MkimageError } from "../../src/base/errors.ts";
import { lineReader } from "../../src/runtime/line-reader.ts";
import { run } from "../../src/runtime/run.ts";

test("standard error is read line by line, the last one without a line break too, and its letters are whole", async (t) => {
  const lines: string[] = [];
  const script = String.raw`printf 'one\ntw' >&2; printf '\303' >&2; sleep 0.2; printf '\266\nthree' >&2`;
  const { stderr } = await run("sh", ["-c", script], { onErrorLine: (line) => (lines.push(line), []) });
  t.deepEqual(lines, ["one", "twö", "three"]);
  t.is(stderr, "", "it is not kept");
});

test("an error has the last of what the lines say", async (t) => {
  const error = await t.throwsAsync<MkimageError>(
    run("sh", ["-c", "for i in 1 2 3 4; do echo $i >&2; done; exit 3"], {
      onErrorLine: (line) => [`line ${line}`, `again ${line}`],
      shownLines: 3,
    }),
  );
  t.is(error?.code, "COMMAND_FAILED");
  t.deepEqual(error?.details.slice(1), ["again 3", "line 4", "again 4"]);
});

test("a disk that is full is told from what the lines say", async (t) => {
  const error = await t.throwsAsync<MkimageError>(
    run("sh", ["-c", "echo x >&2; exit 1"], { onErrorLine: () => ["error: writing: No space left on device"] }),
  );
  t.is(error?.code, "NO_SPACE");
});

test("of a line without an end no more is kept than is wanted", (t) => {
  const lines: string[] = [];
  const read = lineReader((line) => void lines.push(line), 5);
  for (let index = 0; index < 100; index += 1) read("abc");
  read("\nde");
  read("f\n");
  read.end();
  read("gh");
  read.end();
  t.deepEqual(lines, ["abcab", "def", "gh"]);
});
