import { storeClustersJob, writePieceJob } from "../image/jobs.ts";
import { walkShareJob } from "../manifest/walk/share.ts";
import { serve } from "../runtime/threads/serve.ts";

// What a thread runs.

serve([walkShareJob, writePieceJob, storeClustersJob]);
