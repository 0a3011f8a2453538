/** Sketches and masks. */
import type { Handlers } from '../../../contract/requests.ts'
import type { documentRequests } from '../../../contract/requests/documents.ts'
import type { DocumentEntry, DocumentRecord } from '../../../domain/records.ts'
import type { HostContext } from '../context.ts'
import { assertPlainJson } from '../plainJson.ts'
import { readUploadedPicture } from '../uploadedPicture.ts'

export function createDocumentHandlers({
  desk,
  uploads,
  tell,
}: HostContext): Pick<Handlers, keyof typeof documentRequests> {
  const documents = () => desk.getStore().documents
  const tellChanged = () => tell('project:changed', { what: 'documents' })
  const told = (document: DocumentRecord) => {
    tell('document:changed', { document })
    return document
  }

  return {
    'documents:list': ({ kind }) =>
      documents()
        .list()
        .filter((document) => kind === undefined || document.kind === kind),

    async 'document:create'({ background, ...draft }) {
      const { file, contents, documents } = desk.getStore()
      const bytes = background && (await readUploadedPicture(uploads, background.uploadId))
      // In one write, so that no sweep takes the picture before something refers to it.
      const document = file.write(() =>
        documents.insert({ ...draft, background: bytes === undefined ? null : contents.put(bytes, 'picture') }),
      )
      if (background) await uploads.discard(background.uploadId)
      tellChanged()
      return document
    },

    'document:get': ({ documentId }) => ({
      document: documents().get(documentId),
      entries: documents().entries(documentId),
    }),

    'document:append'({ documentId, position, entries }) {
      assertEntries(entries)
      return told(documents().append(documentId, position, entries))
    },

    'document:move': ({ documentId, position }) => told(documents().move(documentId, position)),

    'document:rename'({ documentId, name }) {
      documents().rename(documentId, name)
      tellChanged()
      return documents().get(documentId)
    },
  }
}

/** @throws AppError misuse */
export function assertEntries(entries: readonly DocumentEntry[]): void {
  for (const [at, entry] of entries.entries()) assertPlainJson(entry, `Change ${at} (“${entry.kind}”)`)
}
