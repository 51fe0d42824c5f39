import { onDevice } from "../../tree/locate.ts";
import { identified } from "../../tree/taken.ts";
import type { UnitType } from "../../unit-type.ts";
import { mdadmReading } from "./found.ts";
import { mdadmChanges } from "./changes.ts";
import { arrayShell } from "./shell.ts";
import { planArray } from "./layout.ts";
import { storedArrayName } from "../mdraid/steps.ts";
import { type MdadmNode, mdadmSet } from "./schema.ts";
import { mdadmSteps } from "./steps.ts";

/** An md array. */
export const mdadmType: UnitType<MdadmNode> = {
  description: "The md arrays by name.",
  schema: ({ device }) => mdadmSet(device),
  steps: mdadmSteps,
  contents: ({ content }, path) => [{ path: `${path}.content`, node: content }],
  inside: ({ content }, { path, name }) =>
    onDevice(content, `${path}.content`, `/dev/md/${name}`, {
      type: "mdadm",
      key: name,
      partitionAt: (number) => `/dev/disk/by-id/md-name-any:${name}-part${number}`,
    }),
  plan: planArray,
  takes: ({ uuid }, { name, path }) => [{ what: `the name of an array ${name}`, path }, ...identified(uuid, path)],
  partitionLinks: (device) => (device.startsWith("/dev/md/") ? [["link_partitions", device]] : []),
  changes: mdadmChanges,
  shell: arrayShell,
  modules: ({ level }) => ["md_mod", modulesByLevel[level]],
  nixos: (_, name) => ({
    "boot.swraid.enable": true,
    "boot.swraid.mdadmConf": `ARRAY /dev/md/${name} name=any:${name}\n`,
  }),
  // Rules of udev put together what they find under a number of the kernel's.
  users: (_, name) => [
    { kind: "md", name: `/dev/md/${name}` },
    { kind: "array", name: storedArrayName(name) },
  ],
  found: mdadmReading,
};

const modulesByLevel = { 0: "raid0", 1: "raid1", 4: "raid456", 5: "raid456", 6: "raid456", 10: "raid10" } as const;
