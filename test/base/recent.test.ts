import test from "ava";
import { Recent } from "../../src/base/recent.ts";

test("the oldest value goes for a new one, and only for a new one", (t) => {
  const recent = new Recent<string, number>(2);
  t.is(recent.keep("a", 1), 1);
  recent.keep("b", 2);
  recent.keep("a", 3);
  t.deepEqual([recent.get("a"), recent.get("b")], [3, 2]);
  recent.keep("c", 4);
  t.deepEqual([recent.get("a"), recent.get("b"), recent.get("c")], [3, undefined, 4]);
});
