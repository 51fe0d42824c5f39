import { compressPieceJob, storeClustersJob, writePieceJob } from "../image/jobs.ts";
import { walkShareJob } from "../manifest/walk/share.ts";
import { serve } from "../runtime/threads/serve.ts";

// The jobs that a thread runs.

serve([walkShareJob, writePieceJob, storeClustersJob, compressPieceJob]);
