import { MkimageError } from "../../src/base/errors.ts";
import { readDeviceTree } from "../../src/devices/tree/read.ts";
import type { FoundDisks } from "../../src/devices/found.ts";
import type { Device } from "../../src/machine/device.ts";
import type { DiskHost } from "../../src/machine/disk-host.ts";

/** The requests to a fake machine, in words. */
export interface FakeMachine {
  readonly machine: DiskHost;
  readonly log: readonly string[];
}

/** How a fake machine behaves. */
interface Behaviour {
  /** The disks that it has, by the keys of the tree. */
  readonly disks: Readonly<Record<string, Device>>;
  /** Called with each step, which fails when this throws. */
  readonly onStep?: (title: string) => void;
  readonly means?: "missing";
  /** The disks as they are read. */
  readonly found?: FoundDisks;
}

const nothingFound: FoundDisks = { tree: readDeviceTree({}), diskKeys: [], nodes: new Map(), unexpressed: [] };

/** A machine that does nothing, and says in which order it was asked for what. */
export function fakeMachine({ disks, onStep = () => {}, means, found = nothingFound }: Behaviour): FakeMachine {
  const log: string[] = [];
  const machine: DiskHost = {
    survey: async (tree) => {
      log.push("survey");
      return Object.entries(tree.disk).map(([key, node]) => {
        const device = disks[key];
        if (device === undefined) throw new MkimageError("REFUSED_DEVICE", `${key} is not there`);
        return { key, name: key, node, device };
      });
    },
    read: async (paths) => {
      log.push(`read ${paths.join(" ")}`);
      return found;
    },
    requireMeans: () => {
      log.push("look for programs");
      if (means === "missing") throw new MkimageError("MISSING_TOOL", "mkfs.ext4 is missing");
    },
    hold: async (devices) => {
      log.push(`hold ${devices.map(({ path }) => path).join(" ")}`);
      return { descriptors: [], release: () => void log.push("release") };
    },
    executor: (options) => ({
      run: async (steps) => {
        log.push("run");
        for (const { title } of steps) {
          options.onStep(title);
          onStep(title);
        }
      },
    }),
  };
  return { machine, log };
}
