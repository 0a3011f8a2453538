/** Work on whole project files in a thread of its own, asked for and answered as plain data. */
import { Worker } from 'node:worker_threads'
import { AppError, type ErrorCode } from '../../domain/errors.ts'
import { moduleBeside } from '../../domain/moduleBeside.ts'
import type { SalvagedTable } from '../../storage/sqlite/salvage.ts'
import type { ExportOrder } from './exportProject.ts'

export type FileWork =
  | { readonly kind: 'export'; readonly from: string; readonly to: string; readonly order: ExportOrder }
  | { readonly kind: 'import'; readonly from: string; readonly to: string; readonly name: string }
  | { readonly kind: 'salvage'; readonly from: string; readonly to: string }

export type FileAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly hint: string | undefined }

interface FileResults {
  export: undefined
  import: { readonly id: string }
  salvage: readonly SalvagedTable[]
}

/** @throws AppError as the work itself; other errors are defects */
export async function workOnFile<K extends FileWork['kind']>(
  work: Extract<FileWork, { readonly kind: K }>,
): Promise<FileResults[K]> {
  const worker = new Worker(moduleBeside(import.meta.url, './fileWorker'), { workerData: work })
  const answer = await new Promise<FileAnswer>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the thread for ${work.kind} ended with code ${code}`)))
  })
  if (answer.ok) return answer.value as FileResults[K]
  const { code, message, hint } = answer
  throw new AppError(code, message, hint === undefined ? {} : { hint })
}
