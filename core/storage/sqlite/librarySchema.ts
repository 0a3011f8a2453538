/** The tables of the library, as numbered migrations. */
import type { Migration } from './migrate.ts'

export const libraryMigrations: readonly Migration[] = [
  {
    version: 10,
    up: (db) =>
      db.exec(`
        CREATE TABLE project (
          id TEXT NOT NULL PRIMARY KEY,
          path TEXT NOT NULL UNIQUE,
          name TEXT NOT NULL,
          opened_at TEXT NOT NULL,
          binned_at TEXT,
          thumbnail TEXT
        ) STRICT;
        CREATE TABLE setting (
          key TEXT NOT NULL PRIMARY KEY,
          value TEXT NOT NULL CHECK (json_valid(value))
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE window (
          name TEXT NOT NULL PRIMARY KEY,
          state TEXT NOT NULL CHECK (json_type(state) = 'object')
        ) STRICT, WITHOUT ROWID;
      `),
  },
]
