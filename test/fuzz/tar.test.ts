import test from "ava";
import * as fc from "fast-check";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { MkimageError } from "../../src/base/errors.ts";
import { scratchFolder } from "../nix/nix.ts";
import { buildTar } from "../manifest/build-tar.ts";
import { mutated, mutation } from "./tar-mutations.ts";
import { isLong } from "../together/is-long.ts";

const scratch = scratchFolder();
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

/** Says which entry, or which place of the archive, or which file of the tree that it made. */
const namesSomething = /entry .* cannot be taken|no whole tar archive|at byte \d|^\/|cut off|ACLs as text/s;

test("an archive that was changed anywhere is refused by name, or makes a clean filesystem", async (t) => {
  t.timeout(isLong ? 3_600_000 : 300_000);
  const originals = samples();
  let clean = 0;
  const runs = isLong ? 5000 : 150;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...originals),
      fc.array(mutation, { minLength: 1, maxLength: 3 }),
      async (original, mutations) => {
        try {
          await buildTar(mutations.reduce(mutated, original), scratch);
          clean += 1;
        } catch (error) {
          if (!(error instanceof MkimageError) || error.code === "INTERNAL") throw error;
          if (!namesSomething.test(error.message)) throw new Error(`names nothing: ${error.message}`, { cause: error });
        }
      },
    ),
    { numRuns: runs, seed: 17 },
  );
  // Neither all nor none: else it would say nothing.
  t.true(clean > runs / 20 && clean < runs, `${clean} of ${runs}`);
});

/** Archives of everything that tar knows, in every format. */
function samples(): Buffer[] {
  const tree = join(scratch, "tree");
  const script = `mkdir -p "$1/folder/${"long".repeat(40)}" && cd "$1" && echo data >file && ln file hard && ln -s file link &&
    mkfifo pipe && mknod device c 5 1 && truncate -s 5M folder/sparse && for at in 1 3 5 7 9 11; do
    printf data | dd of=folder/sparse bs=1 seek=$((at * 300000)) conv=notrunc status=none; done &&
    head -c 9000 /dev/zero | tr '\\0' x >folder/${"long".repeat(40)}/blocks && setfattr -n user.a -v b file && chown 70000:1 pipe`;
  execFileSync("sh", ["-c", script, "sh", tree]);
  return [
    ["--format=gnu", "--sparse"],
    ["--format=posix", "--xattrs", "--sparse", "--sparse-version=1.0"],
    ["--format=posix", "--sparse", "--sparse-version=0.1"],
    ["--format=posix", "--sparse", "--sparse-version=0.0"],
    ["--format=ustar"],
    ["--format=v7"],
  ].map((flags, index) => {
    const path = join(scratch, `sample-${index}.tar`);
    execFileSync("sh", ["-c", 'tar -C "$0" -cf "$@" . 2>/dev/null || test $? -le 2', tree, path, ...flags]);
    return readFileSync(path);
  });
}
