/** Training runs with their charts, notes and probes. */
export const runs = `
CREATE TABLE run (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  data_set_id TEXT REFERENCES data_set (id) ON DELETE SET NULL,
  recipe TEXT NOT NULL CHECK (json_type(recipe) = 'object'),
  seed INTEGER NOT NULL,
  condition_from_photo TEXT CHECK (condition_from_photo = 'edges'),
  fingerprint TEXT,
  engine TEXT,
  program TEXT NOT NULL,
  step INTEGER NOT NULL DEFAULT 0 CHECK (step >= 0),
  progress REAL NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1),
  elapsed_ms REAL NOT NULL DEFAULT 0 CHECK (elapsed_ms >= 0),
  created_at TEXT NOT NULL,
  binned_at TEXT
) STRICT;
CREATE INDEX run_by_data_set ON run (data_set_id);

CREATE TABLE metric (
  run_id TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  step INTEGER NOT NULL CHECK (step >= 0),
  elapsed_ms REAL NOT NULL,
  gap REAL,
  move REAL,
  gradient_size REAL,
  mapping_error REAL,
  observed_error REAL,
  mean_picture_error REAL,
  solver_gradient REAL,
  saturation REAL,
  PRIMARY KEY (run_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_note (
  number INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  step INTEGER NOT NULL CHECK (step >= 0),
  at TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('rolledBack', 'scored', 'leftOut', 'interrupted', 'resumed', 'ended')),
  message TEXT NOT NULL
) STRICT;
CREATE INDEX run_note_by_run ON run_note (run_id, number);

CREATE TABLE probe (
  run_id TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  step INTEGER NOT NULL CHECK (step >= 0),
  initial TEXT NOT NULL REFERENCES content (hash),
  refined TEXT NOT NULL REFERENCES content (hash),
  PRIMARY KEY (run_id, step)
) STRICT, WITHOUT ROWID;
CREATE INDEX probe_by_initial ON probe (initial);
CREATE INDEX probe_by_refined ON probe (refined);

CREATE TABLE probe_targets (
  run_id TEXT NOT NULL PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
  observed TEXT NOT NULL REFERENCES content (hash),
  condition TEXT REFERENCES content (hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX probe_targets_by_observed ON probe_targets (observed);
CREATE INDEX probe_targets_by_condition ON probe_targets (condition);
`
