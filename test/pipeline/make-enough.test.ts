import test from "ava";
import { makeEnough } from "../../src/pipeline/make-enough.ts";
import { MiB } from "../../src/base/units.ts";

/** A maker whose product keeps a share of its space to itself, and a part that never changes. */
function maker(share: number, fixed: number) {
  const asked: number[] = [];
  const gone: number[] = [];
  const making = {
    make: (space: number) => {
      asked.push(space);
      return Promise.resolve(space * (1 - share) - fixed);
    },
    freeBytes: (made: number) => made,
    onRetry: (made: number) => void gone.push(made),
  };
  return { asked, gone, making };
}

test("what is enough is made once", async (t) => {
  const { asked, making } = maker(0, 0);
  t.is(await makeEnough(100 * MiB, making), 100 * MiB);
  t.deepEqual(asked, [100 * MiB]);
});

test("what lacks a little after the second try is made a third time, and has enough", async (t) => {
  const { asked, gone, making } = maker(0.3, 20 * MiB);
  const made = await makeEnough(100 * MiB, making);
  t.true(made >= 100 * MiB, `${made}`);
  t.true(asked.length > 2, JSON.stringify(asked));
  t.is(gone.length, asked.length - 1);
});

test("what never has enough is an error with what there is, and no success", async (t) => {
  const { asked, making } = maker(1, 0);
  const error = await t.throwsAsync(makeEnough(100 * MiB, making), { code: "DOES_NOT_FIT" });
  t.regex(error?.message ?? "", /has 0 bytes \(0 bytes\) of 100 MiB .* free, after 4 tries/);
  t.is(asked.length, 4);
});
