import type { Layout } from "../../layout/layout.ts";
import { diskSerial } from "./disk-serial.ts";

/**
 * The disks of a guest in an order in which the kernel gives those that a tree calls `/dev/vda`, `/dev/vdb` … these very
 * names; no link can have a name that is another disk's.
 */
export function inKernelOrder<T extends { readonly serial: string }>(disks: readonly T[], layout: Layout): T[] {
  const wishes = new Map(layout.disks.map(({ name, device }) => [diskSerial(name), kernelNumber(device)]));
  const placed = new Map<number, T>();
  const others: T[] = [];
  for (const disk of disks) {
    const number = wishes.get(disk.serial);
    if (number === undefined || number >= disks.length || placed.has(number)) others.push(disk);
    else placed.set(number, disk);
  }
  return disks.flatMap((_, index) => placed.get(index) ?? others.shift() ?? []);
}

/** `/dev/vdc` is the third virtio disk. */
function kernelNumber(device: string | null): number | undefined {
  const letter = /^\/dev\/vd([a-z])$/.exec(device ?? "")?.[1];
  return letter === undefined ? undefined : letter.charCodeAt(0) - "a".charCodeAt(0);
}
