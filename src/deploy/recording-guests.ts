import type { Guests } from "../guest/guests.ts";
import type { DiskLayout } from "../layout/layout.ts";
import { diskSerial } from "../pipeline/plan/disk-serial.ts";

/** Guests that leave in the files of these disks, as holes, what was never written, and nothing else. */
export function recordingGuests(guests: Guests, disks: readonly DiskLayout[]): Guests {
  const serials = new Set(disks.map(({ name }) => diskSerial(name)));
  return {
    ...guests,
    runGuest: (machine, job, options) => {
      const recorded = machine.disks.map((disk) =>
        disk.access === "scratch" && serials.has(disk.serial) ? { ...disk, access: "recorded" as const } : disk,
      );
      return guests.runGuest({ ...machine, disks: recorded }, job, options);
    },
  };
}
