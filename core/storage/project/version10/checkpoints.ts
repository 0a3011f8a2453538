/** Checkpoints: rows that name the chunks of every tensor. */
export const checkpoints = `
CREATE TABLE checkpoint (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  run_id TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  step INTEGER NOT NULL CHECK (step >= 0),
  content TEXT NOT NULL CHECK (content IN ('training', 'weights')),
  score REAL,
  best INTEGER NOT NULL CHECK (best IN (0, 1)),
  pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
  size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
  manifest TEXT NOT NULL CHECK (json_valid(manifest)),
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX checkpoint_by_run ON checkpoint (run_id, number);
CREATE UNIQUE INDEX checkpoint_best ON checkpoint (run_id) WHERE best = 1;

CREATE TABLE checkpoint_tensor (
  checkpoint_id TEXT NOT NULL REFERENCES checkpoint (id) ON DELETE CASCADE,
  place INTEGER NOT NULL CHECK (place >= 0),
  name TEXT NOT NULL,
  shape TEXT NOT NULL CHECK (json_type(shape) = 'array'),
  PRIMARY KEY (checkpoint_id, place),
  UNIQUE (checkpoint_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoint_chunk (
  checkpoint_id TEXT NOT NULL,
  place INTEGER NOT NULL,
  number INTEGER NOT NULL CHECK (number >= 0),
  hash TEXT NOT NULL REFERENCES content (hash),
  PRIMARY KEY (checkpoint_id, place, number),
  FOREIGN KEY (checkpoint_id, place) REFERENCES checkpoint_tensor (checkpoint_id, place) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX checkpoint_chunk_by_hash ON checkpoint_chunk (hash);
`
