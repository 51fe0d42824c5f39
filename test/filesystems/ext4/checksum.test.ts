import test from "ava";
import { crc32c, crc32cOfWord, crc32cStart } from "../../../src/base/crc32c.ts";

test("the checksum is crc32c, with the vectors of RFC 3720", (t) => {
  const finished = (bytes: Uint8Array) => (~crc32c(crc32cStart, bytes) >>> 0).toString(16);
  t.is(finished(Buffer.alloc(32)), "8a9136aa");
  t.is(finished(Buffer.alloc(32, 0xff)), "62a8ab43");
  t.is(finished(Uint8Array.from({ length: 32 }, (_, index) => index)), "46dd794e");
  t.is(finished(Buffer.from("123456789")), "e3069283");
});

test("it continues from any part to the next", (t) => {
  const bytes = Uint8Array.from({ length: 100 }, (_, index) => index * 7);
  const whole = crc32c(crc32cStart, bytes);
  for (let at = 0; at <= 100; at += 1) t.is(crc32c(crc32c(crc32cStart, bytes, 0, at), bytes, at), whole);
  t.is(crc32cOfWord(whole, 0xfedcba98), crc32c(whole, Uint8Array.of(0x98, 0xba, 0xdc, 0xfe)));
});
