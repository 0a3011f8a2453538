/** Kept results. */
import { writeFile } from 'node:fs/promises'
import type { Handlers } from '../../../contract/requests.ts'
import type { galleryRequests } from '../../../contract/requests/gallery.ts'
import type { HostContext } from '../context.ts'
import { describeEngine } from '../engines.ts'
import { keepResult, withMetadata } from '../keepResult.ts'
import { assertEntries } from './documents.ts'

export function createGalleryHandlers({
  desk,
  queue,
  downloads,
  tell,
}: HostContext): Pick<Handlers, keyof typeof galleryRequests> {
  const results = () => desk.getStore().results
  const tellChanged = () => tell('project:changed', { what: 'results' })

  return {
    async 'result:keep'(order) {
      if (order.strokes) assertEntries(order.strokes)
      const result = await keepResult(desk.getStore(), order, describeEngine(queue.engine))
      tellChanged()
      return result
    },

    'results:list'({ offset, limit, query, starred }) {
      const page = results().page({ offset, limit, search: query, starred })
      return {
        // The strokes behind each would be most of the bytes; `result:get` has them.
        results: page.results.map((each) => ({ ...each, provenance: { ...each.provenance, strokes: null } })),
        total: page.total,
      }
    },

    'result:get': ({ resultId }) => results().get(resultId),

    'result:change'({ resultId, title, starred }) {
      desk.getStore().file.write(() => {
        if (title !== undefined) results().rename(resultId, title)
        if (starred !== undefined) results().setStarred(resultId, starred)
      })
      const result = results().get(resultId)
      tellChanged()
      return result
    },

    'result:reproduce'({ resultId }) {
      const { title, provenance } = results().get(resultId)
      const { id } = queue.start({
        ...{ kind: 'refine', title: `Draw “${title}” again`, runId: provenance.runId },
        work: { kind: 'reproduce', resultId },
      })
      return { jobId: id }
    },

    'result:export'({ resultId, metadata }) {
      const { contents, runs } = desk.getStore()
      const result = results().get(resultId)
      const png = contents.get(result.picture, `The picture “${result.title}”`)
      const bytes = metadata ? withMetadata(png, result, runs.find(result.provenance.runId)) : png
      return downloads.offer(`${result.title}.png`, 'image/png', (path) => writeFile(path, bytes))
    },
  }
}
