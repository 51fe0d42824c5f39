import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { MkimageError } from "../../../src/base/errors.ts";
import { fileExtent } from "../../../src/image/extent.ts";
import { writePieceJob } from "../../../src/image/jobs.ts";
import { packExtents } from "../../../src/image/packed-extents.ts";
import { newClaim, take } from "../../../src/runtime/threads/claim.ts";
import { errorOf, failureOf } from "../../../src/runtime/threads/failure.ts";
import { Thread } from "../../../src/runtime/threads/thread.ts";
import { temporaryFolder } from "../../image/folder.ts";

const nowhere = -1;

test("a thread says what went wrong, and takes the next job", async (t) => {
  const folder = temporaryFolder(t);
  const source = join(folder, "source");
  writeFileSync(source, "eight by");
  const thread = new Thread();
  const write = (path: string) => {
    const piece = packExtents([fileExtent(0, 8, path)]);
    return thread.run(writePieceJob, {
      descriptor: nowhere,
      imageSize: 8,
      grid: undefined,
      preallocates: false,
      piece,
      claim: newClaim(),
    });
  };
  const nothing = {
    descriptor: nowhere,
    imageSize: 8,
    grid: undefined,
    preallocates: false,
    piece: packExtents([]),
    claim: newClaim(),
  };
  const jobs = [write(join(folder, "missing")), write(source), thread.run(writePieceJob, nothing)] as const;
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

test("a piece is written by whoever takes it first, once", async (t) => {
  const folder = temporaryFolder(t);
  const source = join(folder, "source");
  writeFileSync(source, "eight by");
  const thread = new Thread();
  const piece = packExtents([fileExtent(0, 8, source)]);
  const claim = newClaim();
  t.true(take(claim));
  t.false(take(claim));
  await t.notThrowsAsync(
    thread.run(writePieceJob, {
      descriptor: nowhere,
      imageSize: 8,
      grid: undefined,
      preallocates: false,
      piece,
      claim,
    }),
  );
  const free = newClaim();
  await t.throwsAsync(
    thread.run(writePieceJob, {
      descriptor: nowhere,
      imageSize: 8,
      grid: undefined,
      preallocates: false,
      piece,
      claim: free,
    }),
  );
  t.false(take(free));
});

test("what a thread had to do fails when it ends, and it takes nothing more", async (t) => {
  const thread = new Thread();
  const nothing = {
    descriptor: nowhere,
    imageSize: 8,
    grid: undefined,
    preallocates: false,
    piece: packExtents([]),
    claim: newClaim(),
  };
  await thread.run(writePieceJob, nothing);
  t.false(thread.ended);
  const stopped = thread.stop();
  await t.throwsAsync(thread.run(writePieceJob, nothing), { code: "INTERNAL", message: /a thread ended by itself/ });
  await stopped;
  t.true(thread.ended);
  t.is(thread.jobs, 0);
  await t.throwsAsync(thread.run(writePieceJob, nothing), { code: "INTERNAL", message: /a thread ended by itself/ });
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
  const pool = new URL("../../../src/runtime/threads/thread-pool.ts", import.meta.url).href;
  const program = `import { startThreads } from ${JSON.stringify(pool)}; startThreads(1);`;
  t.notThrows(() => execFileSync(process.execPath, ["--input-type=module", "--eval", program], { timeout: 60_000 }));
});
