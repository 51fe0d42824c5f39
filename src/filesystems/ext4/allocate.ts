import { longestExtent } from "../../structures/ext4/extent-tree.ts";
import { inodeNumbers } from "../../structures/ext4/inode.ts";
import { extentsOf, treeBlockCount } from "./extent-tree.ts";
import { fileRanges, type PlacedRun } from "./file-content.ts";
import { FreeSpace } from "./free-space.ts";
import { type BlockRun, blockSize, type Geometry, mostPerGroup } from "./geometry.ts";
import { type BlockGroupLayout, layOutGroups } from "./group-layout.ts";
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
  /** Places that are used: from 0 up to this one. */
  readonly end: number;
  /** Blocks that nothing uses: fewer than 0 when the filesystem is too small. */
  readonly freeBlocks: number;
  readonly fits: boolean;
}

/**
 * Lays everything out, in one piece as far as the groups' own blocks allow: first the resize inode's block, then folders,
 * symlinks and extended attributes, then the journal, then the content of the files in path order.
 */
export function allocate(survey: ExtSurvey, geometry: Geometry): ExtAllocation {
  const groups = layOutGroups(geometry);
  const allocator = new Allocator(survey, new FreeSpace(groups.used));
  allocator.skip(1);
  const xattrPlaces = new Map(survey.xattrBlocks.map((number) => [number, allocator.skip(1)]));
  allocator.placeAll(survey.smallContents);
  if (geometry.journalBlocks > 0) allocator.place(inodeNumbers.journal, geometry.journalBlocks);
  allocator.placeAll(survey.files);
  const { space, places, end } = allocator;
  return { geometry, groups, space, places, xattrPlaces, end, ...fitIn(geometry, groups, end) };
}

/** How many blocks are left when `used` are taken beside the groups' own, and whether everything is in its place. */
export function fitIn(
  geometry: Geometry,
  groups: BlockGroupLayout,
  used: number,
): Pick<ExtAllocation, "freeBlocks" | "fits"> {
  const freeBlocks = geometry.blocks - groups.used.reduce((sum, { start, end }) => sum + end - start, used);
  const isInside = groups.used.at(-1)!.end <= geometry.blocks;
  return { freeBlocks, fits: freeBlocks >= 0 && isInside && geometry.inodesPerGroup <= mostPerGroup };
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
  const content = inode?.type === "file" ? inode.content : undefined;
  const isOnePiece = (content?.length ?? 1) === 1 && blocks <= longestExtent && space.isOneRun(place, blocks);
  if (!isOnePiece) return extentsOf(inodeRanges(survey, number, blocks), space, place);
  const logical = Math.floor((content?.[0]?.offset ?? 0) / blockSize);
  return [{ logical, length: blocks, block: space.blockAt(place) }];
}

class Allocator {
  readonly space: FreeSpace;
  readonly places: Uint32Array;
  end = 0;
  readonly #survey: ExtSurvey;

  constructor(survey: ExtSurvey, space: FreeSpace) {
    this.space = space;
    this.places = new Uint32Array(survey.inodes.length);
    this.#survey = survey;
  }

  skip(blocks: number): number {
    const place = this.end;
    this.end += blocks;
    return place;
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
