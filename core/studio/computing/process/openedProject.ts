/** The project that this process works in, through a connection of its own under the host's lock. */
import { openStore, type ProjectStore } from '../../../storage/project/store.ts'
import { openProjectFile } from '../../../storage/sqlite/projectFile.ts'
import { DrawnFrames } from './drawnFrames.ts'
import { LoadedModels } from './loadedModels.ts'

export interface OpenedProject {
  readonly store: ProjectStore
  readonly models: LoadedModels
  readonly frames: DrawnFrames
  /** When nobody works in it any more. */
  close(): void
}

/** @param holder the nonce of the host's lock; null only reads @throws AppError as openProjectFile */
export function openProject(path: string, holder: string | null): OpenedProject {
  const file = openProjectFile(path, { access: holder === null ? 'read' : { join: holder } })
  const store = openStore(file)
  const models = new LoadedModels(store)
  return {
    store,
    models,
    frames: new DrawnFrames(),
    close() {
      models.dispose()
      file.close()
    },
  }
}
