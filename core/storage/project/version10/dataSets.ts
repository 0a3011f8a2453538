/** Data sets and their pictures. */
import { sha256 } from './sha256.ts'

export const dataSets = `
CREATE TABLE data_set (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('class', 'pair', 'photo')),
  layout TEXT NOT NULL,
  description TEXT NOT NULL,
  labels TEXT NOT NULL CHECK (json_type(labels) = 'array'),
  channels INTEGER NOT NULL CHECK (channels IN (1, 3)),
  condition_channels INTEGER CHECK (condition_channels IN (1, 3)),
  condition_side TEXT CHECK (condition_side IN ('left', 'right')),
  natural_width INTEGER NOT NULL CHECK (natural_width >= 0),
  natural_height INTEGER NOT NULL CHECK (natural_height >= 0),
  keeping TEXT NOT NULL CHECK (keeping IN ('inside', 'referenced')),
  source TEXT,
  size_bytes INTEGER NOT NULL DEFAULT 0 CHECK (size_bytes >= 0),
  created_at TEXT NOT NULL,
  binned_at TEXT
) STRICT;

-- The hash of a picture that stays outside the project refers to no content, hence the columns of its own.
CREATE TABLE picture (
  data_set_id TEXT NOT NULL REFERENCES data_set (id) ON DELETE CASCADE,
  number INTEGER NOT NULL CHECK (number >= 0),
  name TEXT NOT NULL,
  content TEXT REFERENCES content (hash),
  condition TEXT REFERENCES content (hash),
  outside_content TEXT ${sha256('outside_content')},
  outside_condition TEXT ${sha256('outside_condition')},
  split TEXT NOT NULL CHECK (split IN ('train', 'heldOut')),
  label INTEGER CHECK (label >= 0),
  width INTEGER NOT NULL CHECK (width >= 0),
  height INTEGER NOT NULL CHECK (height >= 0),
  skipped INTEGER NOT NULL CHECK (skipped IN (0, 1)),
  problem TEXT CHECK (problem IN
    ('not-picture', 'unreadable', 'too-large', 'odd-size', 'duplicate', 'orphan', 'empty-label', 'misplaced')),
  problem_message TEXT CHECK ((problem_message IS NULL) = (problem IS NULL)),
  PRIMARY KEY (data_set_id, number),
  CHECK (content IS NULL OR outside_content IS NULL),
  CHECK (condition IS NULL OR outside_condition IS NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX picture_by_content ON picture (content) WHERE content IS NOT NULL;
CREATE INDEX picture_by_condition ON picture (condition) WHERE condition IS NOT NULL;
CREATE INDEX picture_by_outside_content ON picture (outside_content) WHERE outside_content IS NOT NULL;
CREATE INDEX picture_by_outside_condition ON picture (outside_condition) WHERE outside_condition IS NOT NULL;
CREATE INDEX picture_by_use ON picture (data_set_id, skipped, split, label, problem);
`
