/** Long work. */
export const jobs = `
CREATE TABLE job (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  run_id TEXT REFERENCES run (id) ON DELETE SET NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'ended')),
  started_at TEXT,
  ended_at TEXT CHECK ((ended_at IS NULL) = (state <> 'ended')),
  ending TEXT CHECK ((ending IS NULL) = (state <> 'ended') AND (ending IN ('finished', 'cancelled', 'failed'))),
  outcome TEXT CHECK (json_type(outcome) = 'object'),
  sheet TEXT REFERENCES content (hash),
  code TEXT,
  message TEXT CHECK ((code IS NULL) = (message IS NULL)),
  hint TEXT,
  progress TEXT NOT NULL CHECK (json_type(progress) = 'object'),
  created_at TEXT NOT NULL,
  CHECK ((ending IS 'failed') = (code IS NOT NULL)),
  CHECK (outcome IS NULL OR ending IS 'finished'),
  CHECK (state <> 'running' OR started_at IS NOT NULL)
) STRICT;
CREATE INDEX job_by_run ON job (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX job_by_sheet ON job (sheet) WHERE sheet IS NOT NULL;
CREATE INDEX job_going_on ON job (number) WHERE state <> 'ended';
`
