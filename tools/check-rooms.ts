import { pureRooms, rooms } from "./rooms.ts";
import { type SourceFile, sourceFiles } from "./source-files.ts";

// Part of `make check`: imports run downhill, so that no two rooms need each other; what decides does not act.

const files = sourceFiles("src");
const faults = files.flatMap((file) => [...uphill(file), ...impure(file)]);
faults.forEach((fault) => console.error(fault));
if (faults.length > 0) process.exit(1);

function uphill({ path, imports }: SourceFile): string[] {
  const room = roomOf(path);
  const level = rooms.indexOf(room as (typeof rooms)[number]);
  if (level < 0) return [`${path} is in ${room}, which tools/rooms.ts does not have`];
  return imports.flatMap((taken) => {
    const other = roomOf(taken.path);
    const isDown = other === room || rooms.indexOf(other as (typeof rooms)[number]) < level;
    return isDown ? [] : [`${path} takes ${taken.path}: ${room} is below ${other} in tools/rooms.ts`];
  });
}

function impure({ path, text }: SourceFile): string[] {
  if (!pureRooms.includes(roomOf(path))) return [];
  const outside = [
    ...text.matchAll(/from "node:(fs|fs\/promises|child_process|os|process|worker_threads|timers\/promises)"/g),
  ];
  const acts = [...text.matchAll(/\b(Date\.now\(\)|new Date\(\)|Math\.random\(\)|process\.(?!versions)\w+)/g)];
  return [...outside, ...acts].map(([what]) => `${path} has ${what}: ${roomOf(path)} only decides`);
}

function roomOf(path: string): string {
  return path.split("/")[1] ?? "";
}
