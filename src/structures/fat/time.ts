/** A point in time as folder entries hold it. */
interface FatTime {
  readonly date: number;
  readonly time: number;
}

const first = Date.UTC(1980, 0, 1) / 1000;
const last = Date.UTC(2107, 11, 31, 23, 59, 58) / 1000;

/**
 * Seconds since 1970 as a FAT date and time in UTC: in steps of two seconds, from 1980 to 2107.
 *
 * Source: Microsoft FAT specification, "Date and time formats".
 */
export function fatTime(seconds: number): FatTime {
  const date = new Date(Math.min(Math.max(seconds, first), last) * 1000);
  return {
    date: ((date.getUTCFullYear() - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate(),
    time: (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1),
  };
}

/** Seconds since 1970. FAT counts in local time of an unknown place; it is taken for UTC. */
export function secondsOfFat({ date, time }: FatTime): number {
  const [year, month, day] = [1980 + (date >> 9), ((date >> 5) & 15) - 1, date & 31];
  return Date.UTC(year, month, day, time >> 11, (time >> 5) & 63, (time & 31) * 2) / 1000;
}
