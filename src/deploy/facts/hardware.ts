import type { MachineRecords } from "../../remote/records.ts";
import type { Said } from "./said.ts";
import type { HardwareDevice } from "./target-facts.ts";

const mostDevices = 20_000;
const name = /^[\w.:+ -]{1,64}$/;

/** Reads the devices of buses, and which disks, network cards and running watchdogs are below each of them. Pure. */
export function readHardware(said: Said, records: MachineRecords): HardwareDevice[] {
  const [disks, links, watchdogs] = [said.places("block"), said.places("net"), said.places("watchdog")];
  return records
    .of("M")
    .slice(0, mostDevices)
    .filter(([path = "", modalias = ""]) => path.startsWith("/sys/devices/") && isPlain(path) && isPlain(modalias))
    .map(([path = "", modalias = "", driver = "", module = ""]) => ({
      path,
      modalias,
      driver: name.test(driver) ? driver : undefined,
      module: /^[\w-]{1,64}$/.test(module) ? module : undefined,
      disks: namesBelow(path, disks),
      links: namesBelow(path, links),
      watchdogs: namesBelow(path, watchdogs),
    }));
}

function isPlain(text: string): boolean {
  return /^[\x20-\x7e]{1,1000}$/.test(text);
}

function namesBelow(path: string, places: readonly { readonly name: string; readonly path: string }[]): string[] {
  const below = places.filter((place) => place.path === path || place.path.startsWith(`${path}/`));
  return [...new Set(below.map((place) => place.name))].filter((one) => name.test(one));
}
