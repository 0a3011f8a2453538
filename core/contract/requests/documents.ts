/** Sketches and masks. An answer to `append` or `move` means that it is on the disk. */
import { z } from 'zod'
import type { DocumentEntry, DocumentRecord } from '../../domain/records.ts'
import { count, documentEntry, id, name } from '../fields.ts'
import { asks } from '../table.ts'

const side = z.number().int().min(1).max(16_384)
const kind = z.enum(['sketch', 'mask'])

export const documentRequests = {
  'documents:list': asks(z.strictObject({ kind: kind.optional() })).answers<readonly DocumentRecord[]>(),
  'document:create': asks(
    z.strictObject({ kind, name, width: side, height: side, background: z.strictObject({ uploadId: id }).optional() }),
  ).answers<DocumentRecord>(),
  'document:get': asks(z.strictObject({ documentId: id })).answers<{
    readonly document: DocumentRecord
    readonly entries: readonly DocumentEntry[]
  }>(),
  /** Puts entries behind the `position` ones in force and drops what was undone beyond. Refused (`mismatch`) where another window has changed it meanwhile. */
  'document:append': asks(
    z.strictObject({ documentId: id, position: count, entries: z.array(documentEntry).min(1).max(1000) }),
  ).answers<DocumentRecord>(),
  /** Undo and redo. */
  'document:move': asks(z.strictObject({ documentId: id, position: count })).answers<DocumentRecord>(),
  'document:rename': asks(z.strictObject({ documentId: id, name })).answers<DocumentRecord>(),
}
