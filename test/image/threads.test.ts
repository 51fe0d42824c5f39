import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { MkimageError } from "../../src/errors.ts";
import { fileExtent } from "../../src/image/extent.ts";
import { errorOf, failureOf } from "../../src/image/threads/failure.ts";
import { Thread } from "../../src/image/threads/thread.ts";
import { temporaryFolder } from "./folder.ts";

const nowhere = -1;

test("a thread says what went wrong, and takes the next job", async (t) => {
  const folder = temporaryFolder(t);
  const source = join(folder, "source");
  writeFileSync(source, "eight by");
  const thread = new Thread();
  const missing = { descriptor: nowhere, imageSize: 8, extents: [fileExtent(0, 8, join(folder, "missing"))] };
  const unwritable = { descriptor: nowhere, imageSize: 8, extents: [fileExtent(0, 8, source)] };
  const jobs = [thread.write(missing), thread.write(unwritable), thread.write({ ...unwritable, extents: [] })] as const;
  t.is(thread.jobs, 3);
  await t.throwsAsync(jobs[0], {
    instanceOf: MkimageError,
    code: "SOURCE_CHANGED",
    message: /missing is not what it was/,
  });
  await t.throwsAsync(jobs[1], { code: "ERR_OUT_OF_RANGE" });
  await t.notThrowsAsync(jobs[2]);
  t.is(thread.jobs, 0);
});

test("an error of ours is the same when it comes back from a thread", (t) => {
  const error = new MkimageError("NO_SPACE", "no room", { hint: "make some", details: ["one", "two"] });
  const back = errorOf(structuredClone(failureOf(error)));
  t.true(back instanceof MkimageError);
  t.like(back, {
    code: "NO_SPACE",
    message: "no room",
    hint: "make some",
    details: ["one", "two"],
    stack: error.stack,
  });
});

test("what the operating system refused is still known by its code", (t) => {
  const error = Object.assign(new Error("full"), { code: "ENOSPC", errno: -28, syscall: "write" });
  t.like(errorOf(structuredClone(failureOf(error))), { code: "ENOSPC", errno: -28, syscall: "write" });
});

test("a program that has nothing for its threads to do ends", (t) => {
  const pool = new URL("../../src/image/threads/thread-pool.ts", import.meta.url).href;
  const program = `import { startThreads } from ${JSON.stringify(pool)}; startThreads();`;
  t.notThrows(() => execFileSync(process.execPath, ["--input-type=module", "--eval", program], { timeout: 60_000 }));
});
