/** Every row of the request table has its handler; one that is missing does not compile. */
import type { Handlers } from '../../../contract/requests.ts'
import type { HostContext } from '../context.ts'
import { createBinHandlers } from './bin.ts'
import { createDataHandlers } from './data.ts'
import { createDocumentHandlers } from './documents.ts'
import { createDrawingHandlers } from './drawing.ts'
import { createGalleryHandlers } from './gallery.ts'
import { createProjectHandlers } from './projects.ts'
import { createStudioHandlers } from './studio.ts'
import { createTrainingHandlers } from './training.ts'

export function createHandlers(context: HostContext): Handlers {
  return {
    ...createStudioHandlers(context),
    ...createProjectHandlers(context),
    ...createBinHandlers(context),
    ...createDataHandlers(context),
    ...createTrainingHandlers(context),
    ...createDocumentHandlers(context),
    ...createDrawingHandlers(context),
    ...createGalleryHandlers(context),
  }
}
