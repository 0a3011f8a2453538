/** Work on whole project files in a thread of its own, asked for and answered as plain data. */
import { moduleBeside } from '../../domain/moduleBeside.ts'
import type { SalvagedTable } from '../../storage/sqlite/salvage.ts'
import { askThread } from '../thread.ts'
import type { ExportOrder } from './exportProject.ts'

export type FileWork =
  | { readonly kind: 'export'; readonly from: string; readonly to: string; readonly order: ExportOrder }
  | { readonly kind: 'import'; readonly from: string; readonly to: string; readonly name: string }
  | { readonly kind: 'salvage'; readonly from: string; readonly to: string }

interface FileResults {
  export: undefined
  import: { readonly id: string }
  salvage: readonly SalvagedTable[]
}

/** @throws AppError as the work itself */
export async function workOnFile<K extends FileWork['kind']>(
  work: Extract<FileWork, { readonly kind: K }>,
): Promise<FileResults[K]> {
  return (await askThread(moduleBeside(import.meta.url, './fileWorker'), work)) as FileResults[K]
}
