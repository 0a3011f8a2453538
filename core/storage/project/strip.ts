/**
 * What an export can leave out. Each works on a copy that nobody else has open, inside the caller's transaction, with foreign keys on; what
 * nothing refers to afterwards goes with removeUnused, and VACUUM gives its pages back.
 */
import type { Database } from '../sqlite/connection.ts'
import { unreferenced } from './references.ts'
import { trainingPrefixes } from './trainingTensors.ts'

/** Leaves of every checkpoint what draws: its content becomes `weights`, and no training can go on from it. */
export function withoutOptimizer(db: Database): void {
  const removeTensors = db.prepare("DELETE FROM checkpoint_tensor WHERE name GLOB ? || '*'")
  for (const prefix of trainingPrefixes) removeTensors.run(prefix)
  db.exec(`
    UPDATE checkpoint SET
      content = 'weights',
      size_bytes = (SELECT coalesce(sum(size), 0) FROM checkpoint_chunk JOIN content USING (hash)
        WHERE checkpoint_id = checkpoint.id),
      manifest = iif(json_type(manifest, '$.content') = 'text', json_set(manifest, '$.content', 'weights'), manifest)
    WHERE content = 'training';
  `)
}

/** Takes the data sets out, and the held-out pictures that probes are compared with; runs stay without knowing their data set. */
export function withoutPictures(db: Database): void {
  db.exec(`
    DELETE FROM data_set;
    DELETE FROM probe_targets;
  `)
}

/** Takes out where things were on a machine: nobody is led there by a project that goes to others, or comes from them. */
export function withoutFolders(db: Database): void {
  db.exec(`
    UPDATE data_set SET source = NULL;
    UPDATE checkpoint SET manifest = json_set(manifest, '$.data.folder', NULL)
    WHERE json_type(manifest, '$.data.folder') = 'text';
  `)
}

/** Takes out where things were on this machine, and who worked on it when: folders, the lock, the list of jobs. */
export function withoutPersonal(db: Database): void {
  withoutFolders(db)
  db.exec(`
    DELETE FROM job;
    DELETE FROM lock;
  `)
}

/** Takes out what is not whole, and all content that nothing refers to. */
export function removeUnused(db: Database): void {
  db.exec(`
    DELETE FROM claim;
    DELETE FROM data_set WHERE id IN (SELECT id FROM unfinished);
    DELETE FROM run WHERE id IN (SELECT id FROM unfinished);
    DELETE FROM document WHERE id IN (SELECT id FROM unfinished);
    DELETE FROM result WHERE id IN (SELECT id FROM unfinished);
    DELETE FROM unfinished;
    DELETE FROM content WHERE ${unreferenced};
  `)
}
