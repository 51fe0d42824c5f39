import { MkimageError } from "../../../base/errors.ts";
import type { TakenThing } from "../../../base/shared-things.ts";
import { type Located, locate } from "../../tree/locate.ts";
import type { UnitPlace, UnitType } from "../../unit-type.ts";
import { type DiskNode, diskSet } from "./schema.ts";
import { diskSteps } from "./steps.ts";

/** A disk: a real one, or an image. */
export const diskType: UnitType<DiskNode> = {
  description: "The disks by name.",
  schema: ({ device }) => diskSet(device),
  steps: diskSteps,
  contents: ({ content }, path) => [{ path: `${path}.content`, node: content }],
  inside,
  device: deviceOf,
  isWiped: ({ destroy }) => destroy,
  takes,
};

function inside(node: DiskNode, place: UnitPlace): Located[] {
  if (node.content === null) return [];
  const { name, path } = place;
  const here = deviceOf(node, place);
  const at = { path: `${path}.content`, device: here, installed: node.device ?? here, name: `disk-${name}`, key: name };
  return [locate(node.content, at)];
}

function deviceOf(node: DiskNode, { path, name, devices }: UnitPlace): string {
  const found = devices[name] ?? node.device;
  if (found?.startsWith("/") === true) return found;
  const what = found === null ? "has no device" : `has the device ${JSON.stringify(found)}, which is no absolute path`;
  throw new MkimageError("BAD_REQUEST", `${path} ${what}`, {
    hint: `say which disk it is: "device": "/dev/disk/by-id/…"`,
  });
}

function takes(node: DiskNode, { name, path }: Omit<UnitPlace, "devices">): TakenThing[] {
  return [
    { what: `the name of a disk ${name}`, path },
    { what: `the name of an image ${node.imageName}`, path },
    ...(node.device === null ? [] : [{ what: `the device ${node.device}`, path }]),
  ];
}
