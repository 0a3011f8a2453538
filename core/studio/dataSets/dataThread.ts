/** Looking through a folder and importing it, in a thread: long lists, large files and large writes must not keep the studio from answering. */
import type { Inspection } from '../../contract/requests/data.ts'
import type { OpenOptions } from '../../data/dataSet.ts'
import { moduleBeside } from '../../domain/moduleBeside.ts'
import type { DataSetRecord } from '../../domain/records.ts'
import { askThread } from '../thread.ts'
import type { Importing, ImportOrder } from './importDataSet.ts'
import type { Upload } from './uploads.ts'

export type DataWork =
  | { readonly kind: 'inspect'; readonly upload: Upload; readonly options: Omit<OpenOptions, 'signal'> }
  | {
      readonly kind: 'import'
      readonly upload: Upload
      readonly order: ImportOrder
      /** The open project, and the nonce of its lock to join with. */
      readonly path: string
      readonly holder: string
    }

type Told = Parameters<Importing['tell']>[0]

/** @throws AppError as inspectUpload */
export async function inspectInThread(upload: Upload, { layout, conditionSide }: OpenOptions): Promise<Inspection> {
  const work: DataWork = { kind: 'inspect', upload: plainOf(upload), options: { layout, conditionSide } }
  return (await ask(work)) as Inspection
}

/** Through a connection of its own. @throws AppError, CancelledError as importDataSet */
export async function importInThread({ store, upload, order, signal, tell }: Importing): Promise<DataSetRecord> {
  const { path, holder } = store.file
  if (holder === null) throw new TypeError('an import writes, and this project is open to look only')
  const work: DataWork = { kind: 'import', upload: plainOf(upload), order, path, holder }
  return (await ask(work, { signal, hear: (told) => tell(told as Told) })) as DataSetRecord
}

function ask(work: DataWork, options?: Parameters<typeof askThread>[2]): Promise<unknown> {
  return askThread(moduleBeside(import.meta.url, './dataWorker'), work, options)
}

/** Without what cannot be sent. */
function plainOf({ id, purpose, path, local }: Upload): Upload {
  return { id, purpose, path, local }
}
