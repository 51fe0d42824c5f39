import { roundUp } from "../../base/units.ts";
import { longestExtent } from "../../structures/ext4/extent-tree.ts";
import { inodeNumbers } from "../../structures/ext4/inode.ts";
import { extentsOf, treeBlockCount } from "./extent-tree.ts";
import { fileRanges, type PlacedRun } from "./file-content.ts";
import { FreeSpace } from "./free-space.ts";
import { type BlockRun, blockSize, type Geometry, mostPerGroup } from "./geometry.ts";
import { type BlockGroupLayout, layOutGroups } from "./group-layout.ts";
import { gridBlocks, widenToGrid } from "./placement.ts";
import type { ExtSurvey } from "./survey.ts";

/** Where everything stands. Places are those of `space`. */
export interface ExtAllocation {
  readonly geometry: Geometry;
  readonly groups: BlockGroupLayout;
  readonly space: FreeSpace;
  /** The first place of each inode's content, by inode number; the blocks of its extent tree follow the content. */
  readonly places: Uint32Array;
  /** Places of the blocks for extended attributes, by inode number. */
  readonly xattrPlaces: ReadonlyMap<number, number>;
  /** Every run of blocks that is used, by the groups or by data: ascending, apart from each other. */
  readonly used: readonly BlockRun[];
  /** Blocks that nothing uses: fewer than 0 when the filesystem is too small. */
  readonly freeBlocks: number;
  /** How many blocks too short the filesystem is for the last of what is used; 0 where everything is inside. */
  readonly missingAtEnd: number;
  readonly fits: boolean;
}

/**
 * Lays everything out, in one piece as far as the groups' own blocks allow: first the resize inode's block, then folders,
 * symlinks and extended attributes, then the journal, then the content of the files as the survey has them. Those that are to
 * begin on the grid leave gaps, which are free. `phase`: how far into a cluster of the disk the filesystem begins, in blocks; `undefined`: nothing
 * begins on the grid.
 */
export function allocate(survey: ExtSurvey, geometry: Geometry, phase: number | undefined): ExtAllocation {
  const groups = layOutGroups(geometry);
  const { files } = survey.placement;
  const onGrid = phase === undefined ? new Uint32Array() : survey.placement.onGrid;
  const free = new FreeSpace(onGrid.length === 0 ? groups.used : widenToGrid(groups.used, phase ?? 0));
  const allocator = new Allocator(survey, free);
  allocator.skip(1);
  const xattrPlaces = new Map(survey.xattrBlocks.map((number) => [number, allocator.skip(1)]));
  allocator.placeAll(survey.smallContents);
  if (geometry.journalBlocks > 0) allocator.place(inodeNumbers.journal, geometry.journalBlocks);
  placeFiles(allocator, files, onGrid);
  const { space, places } = allocator;
  const used = joinRuns(groups.used, allocator.runs());
  return { geometry, groups, space, places, xattrPlaces, used, ...fitIn(geometry, used) };
}

type Fit = Pick<ExtAllocation, "freeBlocks" | "missingAtEnd" | "fits">;

/** How many blocks are left beside those that are used, and whether everything is in its place. */
export function fitIn({ blocks, inodesPerGroup }: Geometry, used: readonly BlockRun[]): Fit {
  const freeBlocks = blocks - used.reduce((sum, { start, end }) => sum + end - start, 0);
  const missingAtEnd = Math.max(0, used.at(-1)!.end - blocks);
  return { freeBlocks, missingAtEnd, fits: missingAtEnd === 0 && inodesPerGroup <= mostPerGroup };
}

function placeFiles(allocator: Allocator, files: Uint32Array, onGrid: Uint32Array): void {
  let done = 0;
  for (const next of onGrid) {
    allocator.placeAll(files.subarray(done, next));
    allocator.moveToGrid();
    done = next;
  }
  allocator.placeAll(files.subarray(done));
}

/** Two lists of runs as one; they do not overlap. */
function joinRuns(some: readonly BlockRun[], others: readonly BlockRun[]): BlockRun[] {
  const joined: { start: number; end: number }[] = [];
  for (const { start, end } of [...some, ...others].sort((one, other) => one.start - other.start)) {
    const last = joined.at(-1);
    if (last?.end === start) last.end = end;
    else joined.push({ start, end });
  }
  return joined;
}

/** The extents of an inode's content: the journal's, a file's, or those of a folder or symlink, which have no holes. */
export function inodeExtents(
  survey: ExtSurvey,
  { space, places, geometry }: ExtAllocation,
  number: number,
): PlacedRun[] {
  const blocks = number === inodeNumbers.journal ? geometry.journalBlocks : survey.blocks[number]!;
  if (blocks === 0) return [];
  const place = places[number]!;
  const inode = survey.inodes[number];
  const content = inode?.type === "file" && "length" in inode.content ? inode.content : undefined;
  const isOnePiece = (content?.length ?? 1) === 1 && blocks <= longestExtent && space.isOneRun(place, blocks);
  if (!isOnePiece) return extentsOf(inodeRanges(survey, number, blocks), space, place);
  const logical = Math.floor((content?.[0]?.offset ?? 0) / blockSize);
  return [{ logical, length: blocks, block: space.blockAt(place) }];
}

class Allocator {
  readonly space: FreeSpace;
  readonly places: Uint32Array;
  readonly #survey: ExtSurvey;
  /** Places that are used, but for the last of them. */
  readonly #closed: BlockRun[] = [];
  #start = 0;
  #end = 0;

  constructor(survey: ExtSurvey, space: FreeSpace) {
    this.space = space;
    this.places = new Uint32Array(survey.inodes.length);
    this.#survey = survey;
  }

  skip(blocks: number): number {
    const place = this.#end;
    this.#end += blocks;
    return place;
  }

  /** Leaves a gap up to the next place on the grid, where the space is of whole clusters. */
  moveToGrid(): void {
    const next = roundUp(this.#end, gridBlocks);
    if (next === this.#end) return;
    this.#closed.push({ start: this.#start, end: this.#end });
    this.#start = this.#end = next;
  }

  /** The runs of blocks that were given away, ascending. */
  runs(): BlockRun[] {
    const places = [...this.#closed, { start: this.#start, end: this.#end }];
    return places.flatMap(({ start, end }) => this.space.runs(start, end - start));
  }

  placeAll(numbers: Uint32Array): void {
    const { blocks } = this.#survey;
    for (let index = 0; index < numbers.length; index += 1) this.place(numbers[index]!, blocks[numbers[index]!]!);
  }

  place(number: number, blocks: number): void {
    const place = this.skip(blocks);
    this.places[number] = place;
    if (!this.#fitsIntoInode(number, place, blocks)) {
      const extents = extentsOf(inodeRanges(this.#survey, number, blocks), this.space, place);
      this.skip(treeBlockCount(extents.length));
    }
  }

  /** Whether it takes no look at the extents to know that they need no tree: nearly always. */
  #fitsIntoInode(number: number, place: number, blocks: number): boolean {
    return blocks <= longestExtent && this.space.isOneRun(place, blocks) && !this.#survey.scattered.has(number);
  }
}

function inodeRanges(survey: ExtSurvey, number: number, blocks: number): readonly BlockRun[] {
  const inode = survey.inodes[number];
  return inode?.type === "file" ? fileRanges(inode) : [{ start: 0, end: blocks }];
}
