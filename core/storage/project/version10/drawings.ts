/** Documents with their undo logs, and kept results. */
export const drawings = `
CREATE TABLE document (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('sketch', 'mask')),
  name TEXT NOT NULL,
  width REAL NOT NULL CHECK (width > 0),
  height REAL NOT NULL CHECK (height > 0),
  position INTEGER NOT NULL DEFAULT 0 CHECK (position >= 0),
  background TEXT REFERENCES content (hash),
  created_at TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  binned_at TEXT
) STRICT;
CREATE INDEX document_by_background ON document (background) WHERE background IS NOT NULL;

CREATE TABLE document_entry (
  document_id TEXT NOT NULL REFERENCES document (id) ON DELETE CASCADE,
  number INTEGER NOT NULL CHECK (number >= 0),
  entry TEXT NOT NULL CHECK (json_type(entry) = 'object'),
  UNIQUE (document_id, number)
) STRICT;

CREATE TABLE result (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  folded_title TEXT NOT NULL,
  picture TEXT NOT NULL REFERENCES content (hash),
  initial TEXT REFERENCES content (hash),
  condition TEXT REFERENCES content (hash),
  mask TEXT REFERENCES content (hash),
  strokes TEXT REFERENCES content (hash),
  width INTEGER NOT NULL CHECK (width > 0),
  height INTEGER NOT NULL CHECK (height > 0),
  provenance TEXT NOT NULL CHECK (json_type(provenance) = 'object'),
  starred INTEGER NOT NULL DEFAULT 0 CHECK (starred IN (0, 1)),
  created_at TEXT NOT NULL,
  binned_at TEXT
) STRICT;
CREATE INDEX result_by_picture ON result (picture);
CREATE INDEX result_by_initial ON result (initial) WHERE initial IS NOT NULL;
CREATE INDEX result_by_condition ON result (condition) WHERE condition IS NOT NULL;
CREATE INDEX result_by_mask ON result (mask) WHERE mask IS NOT NULL;
CREATE INDEX result_by_strokes ON result (strokes) WHERE strokes IS NOT NULL;
CREATE INDEX result_in_gallery ON result (binned_at, number, starred, folded_title);
`
