/** After a salvage: checkpoints that lost some of their numbers are of no use, and would only be refused later. */
import type { Database } from '../sqlite/connection.ts'

/** Works without foreign keys, inside the caller's transaction. */
export function removeIncompleteCheckpoints(db: Database): void {
  db.exec(`
    DELETE FROM checkpoint WHERE size_bytes <> (
      SELECT coalesce(sum(size), 0) FROM checkpoint_chunk JOIN content USING (hash) WHERE checkpoint_id = checkpoint.id);
    DELETE FROM checkpoint_tensor WHERE checkpoint_id NOT IN (SELECT id FROM checkpoint);
    DELETE FROM checkpoint_chunk WHERE checkpoint_id NOT IN (SELECT id FROM checkpoint);
  `)
}
