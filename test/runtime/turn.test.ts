import { existsSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { Clock } from "../../src/runtime/clock.ts";
import { takeTurn, type TurnedWork } from "../../src/runtime/turn.ts";
import { temporaryFolder } from "../image/folder.ts";

/** Time that passes as it is waited for; `then` is called at each pause. */
function clockOf(then: (now: number) => void): Clock {
  let now = 0;
  return {
    now: () => now,
    pause: async (seconds) => {
      now += seconds;
      then(now);
    },
  };
}

const untouched = clockOf(() => {
  throw new Error("nobody has to be waited for");
});

const work = (t: ExecutionContext, places = 1): TurnedWork => ({ folder: temporaryFolder(t), name: "work", places });

test("who comes first has a place at once, and who comes second when it is given up", async (t) => {
  const turned = work(t);
  const first = await takeTurn(turned, { clock: untouched });
  let waits = 0;
  const clock = clockOf((now) => {
    if (now > 3) first?.release();
  });
  const second = await takeTurn(turned, { clock, onWait: () => (waits += 1) });
  t.truthy(second);
  t.is(waits, 1, "it is told once");
  t.true(clock.now() > 3);
  second?.release();
  (await takeTurn(turned, { clock: untouched }))?.release();
});

test("as many as there are places work at once, and other work does not count", async (t) => {
  const turned = work(t, 2);
  const held = [await takeTurn(turned, { clock: untouched }), await takeTurn(turned, { clock: untouched })];
  held.push(await takeTurn({ ...turned, name: "other" }, { clock: untouched }));
  t.true(held.every((lock) => lock !== undefined));
  const [, second] = held;
  const third = await takeTurn(turned, { clock: clockOf(() => second?.release()) });
  t.truthy(third);
  for (const lock of [held[0], held[2], third]) lock?.release();
});

test("one that is stopped in its turn is not waited for without end", async (t) => {
  const turned = work(t);
  const first = await takeTurn(turned, { clock: untouched });
  const clock = clockOf(() => {});
  t.is(await takeTurn(turned, { clock }), undefined);
  t.is(Math.round(clock.now()), 120);
  first?.release();
});

test("each of those who come before is waited for as long", async (t) => {
  const turned = work(t);
  const file = join(turned.folder, "turn-work-0");
  const first = await takeTurn(turned, { clock: untouched });
  let turns = 0;
  const clock = clockOf((now) => {
    // Another one's turn begins every 100 seconds, five times.
    if (now < 100 * (turns + 1) || turns === 5) return;
    turns += 1;
    utimesSync(file, 2e9 + turns, 2e9 + turns);
  });
  t.is(await takeTurn(turned, { clock }), undefined);
  t.is(Math.round(clock.now()), 620);
  first?.release();
});

test("who is interrupted waits no longer", async (t) => {
  const turned = work(t);
  const first = await takeTurn(turned, { clock: untouched });
  const controller = new AbortController();
  const clock = clockOf((now) => {
    if (now > 1) controller.abort();
  });
  t.is(await takeTurn(turned, { clock, signal: controller.signal }), undefined);
  t.true(clock.now() < 2);
  first?.release();
});

test("where there can be no places nobody waits", async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "file"), "");
  mkdirSync(join(folder, "folder/turn-work-0"), { recursive: true });
  for (const place of [join(folder, "file"), "/proc/none", join(folder, "folder")])
    t.is(await takeTurn({ folder: place, name: "work", places: 1 }, { clock: untouched }), undefined);
  t.false(existsSync("/proc/none"));
});
