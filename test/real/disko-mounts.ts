import { fixture } from "../steps/fixtures.ts";
import { settingOf } from "./disko-cycle.ts";

/** A mount as findmnt shows it. */
export interface Mounted {
  readonly target: string;
  readonly fstype: string;
  readonly source: string;
  readonly options: string;
}

/** The mounts of a tree, of all that findmnt shows as JSON. */
export function mountsIn(json: string): Mounted[] {
  const { filesystems } = JSON.parse(json) as { filesystems: Mounted[] };
  return filesystems.filter(({ target }) => /^\/mnt(\/|$)/.test(target));
}

/** Place and filesystem of everything that is mounted for a tree, sorted. */
export function placesIn(json: string): string[] {
  return mountsIn(json)
    .map(({ target, fstype }) => `${target} ${fstype}`)
    .toSorted();
}

/** The mounts without a device of their own; a folder that stands in another place has that one's filesystem. */
const withoutDevice: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "tmpfs-root": { "/": "tmpfs", "/var/log": "ext4" },
  "hostile-names": { "/tmp\n'": "tmpfs" },
};

/** Place and filesystem of everything that the plan of a fixture has mounted, sorted. */
export function plannedPlaces(name: string): string[] {
  const { filesystems } = settingOf(fixture(name)).layout;
  const planned = filesystems.flatMap(({ mountpoints, format }) =>
    mountpoints.map((place) => [place, format] as const),
  );
  return [...planned, ...Object.entries(withoutDevice[name] ?? {})]
    .map(([place, type]) => `${place === "/" ? "/mnt" : `/mnt${place}`} ${type}`)
    .toSorted();
}
