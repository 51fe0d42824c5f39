import { crc32 } from "node:zlib";
import test from "ava";
import * as fc from "fast-check";
import { joinedCrc32 } from "../../src/base/crc32.ts";

test("the checksums of two parts give that of the whole, as zlib sums it up", (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), fc.uint8Array({ maxLength: 3000 }), (first, second) => {
      return joinedCrc32(crc32(first), crc32(second), second.length) === crc32(Buffer.concat([first, second]));
    }),
  );
  t.pass();
});
