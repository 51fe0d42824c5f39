import { MkimageError } from "../base/errors.ts";
import type { Device } from "../machine/device.ts";
import type { DevicePlace } from "../machine/device-place.ts";
import { describeChanges } from "../machine/open-device.ts";
import type { Connection } from "./connection.ts";
import { type InspectedRemote, inspectRemote } from "./inspect-remote.ts";
import { writeRemote } from "./write-remote.ts";

/** The devices of another machine, which must have util-linux, and coreutils or busybox. */
export function remotePlace(connection: Connection, signal?: AbortSignal): DevicePlace {
  const look = async (path: string): Promise<InspectedRemote> => {
    const found = await inspectRemote(connection, path, signal);
    requireTools(found, connection.destination);
    return found;
  };
  return {
    inspect: async (path) => (await look(path)).device,
    write: async (device, image, options) => {
      const now = await look(device.path);
      requireUnchanged(device, now.device);
      return await writeRemote({ connection, ...now }, image, options);
    },
  };
}

/** A question may have stood open for long. */
function requireUnchanged(before: Device, now: Device): void {
  const changes = describeChanges(before, now);
  if (JSON.stringify(before.users) !== JSON.stringify(now.users)) changes.push("others use it now");
  if (changes.length === 0) return;
  throw new MkimageError("REFUSED_DEVICE", `${before.path} is not any more what was checked`, {
    details: changes,
    hint: "disks were plugged in or out, or mounted: look with lsblk and start again",
  });
}

/** Without them, bytes could be lost, or nothing be proven. */
const needed = ["dd", "fullblock", "sha256sum", "signatures"] as const;

function requireTools({ tools }: InspectedRemote, destination: string): void {
  const missing = needed.filter((tool) => !tools.has(tool));
  if (missing.length === 0) return;
  throw new MkimageError("REMOTE_FAILED", `${destination} lacks ${missing.map(nameOf).join(" and ")}`, {
    hint: "install util-linux, and coreutils or busybox, there; nothing was written",
  });
}

function nameOf(tool: (typeof needed)[number]): string {
  if (tool === "fullblock") return "a dd that knows iflag=fullblock";
  return tool === "signatures" ? "a wipefs that can tell what is there (util-linux 2.31 or newer)" : tool;
}
