import { MkimageError } from "../base/errors.ts";
import type { TableLayout } from "../layout/layout.ts";
import { type TableFacts, factsOf } from "./table-facts.ts";

/** Returns the differences between a planned table and the one that was read, a line each. */
export function compareTable(plan: TableLayout, read: TableFacts): string[] {
  const planned = factsOf(plan);
  const numbers = new Set([...planned.partitions, ...read.partitions].map(({ number }) => number));
  return [
    ...differences("the table", withoutPartitions(planned), withoutPartitions(read)),
    ...[...numbers]
      .toSorted((a, b) => a - b)
      .flatMap((number) => differences(`partition ${number}`, partition(planned, number), partition(read, number))),
  ];
}

/** @throws MkimageError MISMATCH, with every difference, when `path` does not hold the planned table. */
export function requireSameTable(plan: TableLayout, read: TableFacts, path: string): void {
  const details = compareTable(plan, read);
  if (details.length === 0) return;
  throw new MkimageError("MISMATCH", `the partition table of ${path} is not the planned one`, { details });
}

function withoutPartitions(table: TableFacts): object {
  return { ...table, partitions: table.partitions.length };
}

function partition(table: TableFacts, number: number): object | undefined {
  return table.partitions.find((one) => one.number === number);
}

function differences(what: string, planned: object | undefined, read: object | undefined): string[] {
  if (planned === undefined) return [`${what} was not planned`];
  if (read === undefined) return [`${what} is missing`];
  const actual = new Map<string, unknown>(Object.entries(read));
  return Object.entries(planned).flatMap(([key, value]) => {
    const [wanted, found] = [JSON.stringify(value), JSON.stringify(actual.get(key))];
    return wanted === found ? [] : [`${what}: ${key} is ${found}, planned was ${wanted}`];
  });
}
