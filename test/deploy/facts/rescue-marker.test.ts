import test from "ava";
import fc from "fast-check";
import { readRescueMarker, rescueMarker } from "../../../src/deploy/facts/rescue-marker.ts";

const disk = fc.record(
  {
    paths: fc.array(fc.string({ unit: "binary" })),
    size: fc.maxSafeNat(),
    sectorSize: fc.constantFrom(512, 4096),
    serial: fc.string({ unit: "binary" }),
  },
  { requiredKeys: ["paths", "size", "sectorSize"], noNullPrototype: true },
);

test("a rescue system says the disks that its machine had before, whatever they are called", (t) => {
  const property = fc.property(fc.array(disk), (disks) => {
    const marker = { version: "1.2.3", deployment: "ours", disks };
    t.deepEqual(readRescueMarker(rescueMarker(marker)), marker);
  });
  t.notThrows(() => fc.assert(property));
});

test("what is no disk is left out, and a marker of an older version has none", (t) => {
  const text = 'version 1\ndeployment x\ndisk {"paths": "/dev/sda"}\ndisk nothing\ndisk {\n';
  t.deepEqual(readRescueMarker(text), { version: "1", deployment: "x", disks: [] });
});
