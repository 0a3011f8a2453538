/** The project itself, its content, and what protects content while something is being made. */
import { sha256 } from './sha256.ts'

export const bytes = `
CREATE TABLE project (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX project_is_one ON project ((1));

CREATE TABLE content (
  hash TEXT NOT NULL PRIMARY KEY ${sha256('hash')},
  kind TEXT NOT NULL CHECK (kind IN ('picture', 'pixels', 'tensors', 'strokes')),
  size INTEGER NOT NULL CHECK (size = length(data)),
  data BLOB NOT NULL
) STRICT;
CREATE INDEX content_by_kind ON content (kind, hash);

-- Content that something not yet finished is going to refer to; without it a sweep would take it away.
CREATE TABLE claim (
  owner TEXT NOT NULL,
  hash TEXT NOT NULL REFERENCES content (hash),
  PRIMARY KEY (owner, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_by_hash ON claim (hash);

-- Things that are not whole, and that nobody sees. What a crash leaves here is deleted.
CREATE TABLE unfinished (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('dataSet', 'run', 'document', 'result')),
  doing TEXT NOT NULL CHECK (doing IN ('importing', 'deleting'))
) STRICT, WITHOUT ROWID;
`
