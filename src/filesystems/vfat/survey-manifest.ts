import { ownUuid } from "../own-uuid.ts";
import type { FilesystemContext, Survey } from "../survey.ts";
import { smallestFatSize } from "./needs.ts";
import { planFat } from "./plan.ts";

/** FAT, laid out by the host. */
export const surveyManifest: Survey = (filesystem, files, context) => {
  const shape = fatShape(filesystem.label, context);
  return {
    smallestSize: (additionalSpace) => smallestFatSize(files, additionalSpace, shape),
    layOut: ({ size, place }) => {
      const hiddenSectors = (place?.offset ?? 0) / context.sectorSize;
      const volumeId = Number.parseInt(ownUuid(filesystem).replace("-", ""), 16);
      return { madeBy: "host", ...planFat(files, size, { ...shape, volumeId, hiddenSectors, time: context.time }) };
    },
  };
};

function fatShape(label: string | null, { sectorSize }: FilesystemContext) {
  return { label: label ?? "", sectorSize, variant: "auto" as const };
}
