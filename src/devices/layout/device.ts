import { MkimageError } from "../../base/errors.ts";
import type { DeviceLayout } from "../../layout/layout.ts";
import { contentTypeOf } from "../registry.ts";
import type { ContentNode, DeviceNode, DevicePlan, Solver } from "./solver.ts";
import { tableDevice } from "./table-device.ts";
import { type Bytes, MiB, formatSize, roundUp } from "../../base/units.ts";

/** Plans what lies on a block device: a table, or content without a table, or nothing. */
export function planDevice(device: DeviceNode, solver: Solver): DevicePlan {
  const { content } = device;
  if (content === null) return emptyDevice(device, solver);
  const { layout: rules } = contentTypeOf(content);
  if (rules.kind === "table") {
    return tableDevice(rules.plan(content, device, solver.request.identity), device, solver);
  }
  return bareDevice({ node: content, path: device.path, sectorSize: device.sectorSize }, device, solver);
}

/** Nothing lies on it, but a filesystem elsewhere may have it as one of its devices. */
function emptyDevice({ device }: DeviceNode, solver: Solver): DevicePlan {
  const need = () => (typeof device === "string" ? solver.lentNeed([device]) : 0);
  return {
    need: () => roundUp(Math.max(MiB, need()), MiB),
    faultAt: (size) => faultOfNeed(need(), size),
    layOut: () => ({ table: null, content: null }),
  };
}

function bareDevice(content: ContentNode, { title }: DeviceNode, solver: Solver): DevicePlan {
  let known: Bytes | undefined;
  const need = () => (known ??= solver.need(content, null));
  return {
    need: () => roundUp(need(), MiB),
    faultAt: (size) => faultOfNeed(need(), size),
    layOut: (size, place): DeviceLayout => {
      const least = solver.need(content, size);
      if (least > size) throw tooSmall(title, size, roundUp(least, MiB));
      return { table: null, content: solver.layOut(content, size, place) };
    },
  };
}

function faultOfNeed(need: Bytes, size: Bytes): string | undefined {
  return need <= size ? undefined : `its contents need ${formatSize(need)}`;
}

/** A device that is given less than it needs. */
export function tooSmall(title: string, given: Bytes, needed: Bytes, fault?: string): MkimageError {
  const sizes = `it has ${formatSize(given)} and needs ${formatSize(needed)} (${needed} bytes)`;
  return new MkimageError("TOO_SMALL", `${title} is too small: ${sizes}`, {
    details: fault === undefined ? [] : [fault],
    hint: `give it at least ${Math.ceil(needed / MiB)}M, or leave the size to mkimage: auto`,
  });
}
