import test from "ava";
import * as fc from "fast-check";
import { hashName, hashSeedWords } from "../../../src/filesystems/ext4/hash.ts";
import { uuidBytes } from "../../../src/filesystems/ext4/identity.ts";
import { judge } from "./judges.ts";
import { options } from "./trees.ts";

test("names hash as debugfs hashes them, with any seed", (t) => {
  const names = fc.sample(fc.string({ unit: fc.constantFrom(..."abcABC019._-+"), minLength: 1, maxLength: 255 }), {
    numRuns: 12,
    seed: 7,
  });
  for (const seed of [options.hashSeed, "00000000-0000-0000-0000-000000000000"]) {
    for (const name of [...names.map((text) => `n${text}`.slice(0, 255)), "a", "x".repeat(32), "y".repeat(33)]) {
      const answer = judge("debugfs", "-R", `dx_hash -h half_md4 -s ${seed} ${name}`);
      const hash = hashName(name, hashSeedWords(uuidBytes(seed))).toString(16);
      t.regex(answer, new RegExp(`is 0x0*${hash} `));
    }
  }
});
