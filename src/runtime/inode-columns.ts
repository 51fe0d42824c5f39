/** How many words of 32 bits an inode has, and where what stands; what has 64 bits begins with the lower half. */
export const inodeWords = 18;
export const at = {
  links: 0,
  uid: 1,
  gid: 2,
  /** As `st_mode` is; `elsewhere` for a tree of the list, which `entries` then has the place of. */
  mode: 3,
  number: 4,
  size: 6,
  blocks: 8,
  /** Signed. */
  seconds: 10,
  nanoseconds: 12,
  /** How many a folder has. */
  entries: 13,
  /** Major and minor number of the device that it is. */
  is: 14,
  /** Major and minor number of the device that it is on. */
  on: 16,
} as const;
