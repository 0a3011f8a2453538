/** Draws a kept result again from everything that was kept with it, and counts the bytes that differ. */
import type { DrawCondition } from '../../../contract/drawOrders.ts'
import { decodePicture, inspectBytes } from '../../../data/pictureFile.ts'
import { AppError, assertNever } from '../../../domain/errors.ts'
import { type Picture, pictureAt } from '../../../domain/picture.ts'
import type { ContentHash, ResultRecord } from '../../../domain/records.ts'
import type { ProjectStore } from '../../../storage/project/store.ts'
import { askerOf } from './drawChain.ts'
import { fitCondition } from './drawConditions.ts'
import type { DrawWork } from './drawContext.ts'

export const reproduce: DrawWork<'reproduce'> = async ({ resultId }, { store, models }, turn) => {
  const result = store.results.get(resultId)
  const { checkpointId, seed, langevinSteps, noise, guidance } = result.provenance
  if (store.checkpoints.find(checkpointId) === undefined)
    throw new AppError('not-found', `The checkpoint that drew “${result.title}” is not in the project any more.`, {
      hint: 'The picture itself is kept. A pinned checkpoint stays.',
    })
  const kept = await readKept(store, result.picture, `The picture “${result.title}”`)
  const given = await conditionBehind(store, result)
  return models.use({ kind: 'checkpoint', checkpointId }, async (model) => {
    const { condition, latent } = await fitCondition(given, model.sampler.recipe, askerOf(model))
    const { refined } = await model.sampler.refine(condition, seed, {
      steps: langevinSteps,
      noise: noise ?? undefined,
      guidance: guidance ?? undefined,
      latents: latent && [latent],
      pause: () => turn.pause(),
    })
    const picture = pictureAt(refined, 0)
    const differentBytes = countDifferent(kept, picture)
    return { kind: 'reproduced', equal: differentBytes === 0, differentBytes, picture }
  })
}

async function conditionBehind(store: ProjectStore, { title, provenance }: ResultRecord): Promise<DrawCondition> {
  const { task, labels, latent, condition, mask } = provenance
  const read = (hash: ContentHash | null, what: string) => {
    if (hash === null) throw incomplete(title)
    return readKept(store, hash, `${what} of “${title}”`)
  }
  switch (task) {
    case 'class':
      if (labels === null) throw incomplete(title)
      return { kind: 'labels', weights: [...labels], ...(latent && { latent: [...latent] }) }
    case 'picture':
      return { kind: 'picture', picture: await read(condition, 'The condition') }
    case 'inpaint':
      return {
        kind: 'masked',
        observed: await read(condition, 'The picture underneath'),
        mask: await read(mask, 'The mask'),
      }
    default:
      return assertNever(task)
  }
}

function incomplete(title: string): AppError {
  return new AppError('bad-input', `What “${title}” was drawn from was not kept, so it cannot be drawn again.`)
}

/** With as many channels as it was kept with. */
async function readKept(store: ProjectStore, hash: ContentHash, what: string): Promise<Picture> {
  const bytes = store.contents.get(hash, what)
  const inspection = await inspectBytes(bytes)
  if (inspection.kind !== 'picture') throw new AppError('bad-input', `${what} cannot be read: ${inspection.message}.`)
  return decodePicture(bytes, { channels: inspection.channels })
}

function countDifferent(kept: Picture, drawn: Picture): number {
  if (kept.width !== drawn.width || kept.height !== drawn.height || kept.channels !== drawn.channels)
    return Math.max(kept.data.length, drawn.data.length)
  return drawn.data.reduce((count, byte, index) => count + (byte === kept.data[index] ? 0 : 1), 0)
}
