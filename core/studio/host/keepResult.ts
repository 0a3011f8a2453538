/** Keeping a picture with all that draws it again, and giving it away as a file. */
import type { ParsedInput } from '../../contract/requests.ts'
import { encodePng } from '../../data/pictureFile.ts'
import { insertPngText } from '../../data/pngText.ts'
import { AppError, assertNever } from '../../domain/errors.ts'
import type { Picture } from '../../domain/picture.ts'
import type { TaskKind } from '../../domain/recipe.ts'
import type { ContentHash, Provenance, ResultRecord, RunRecord } from '../../domain/records.ts'
import type { ProjectStore } from '../../storage/project/store.ts'
import { programVersion } from '../programVersion.ts'
import { findCheckpoint } from '../projectCheckpoints.ts'

export type KeepOrder = ParsedInput<'result:keep'>
type Condition = KeepOrder['condition']

const taskOf: Record<Condition['kind'], TaskKind> = { labels: 'class', picture: 'picture', masked: 'inpaint' }

/**
 * Pins the checkpoint: without it the picture could not be drawn again.
 * @param engine what draws now, in words
 * @throws AppError not-found for a run or checkpoint that is gone, misuse for a condition of another task
 */
export async function keepResult(store: ProjectStore, order: KeepOrder, engine: string): Promise<ResultRecord> {
  const { title, picture, condition } = order
  const checkpoint = findCheckpoint(store, order.source)
  const { task, labels } = store.runs.get(checkpoint.runId).recipe
  if (taskOf[condition.kind] !== task || (condition.kind === 'labels' && condition.weights.length !== labels.length))
    throw new AppError('misuse', 'This picture was not drawn from what is given with it; nothing was kept.')
  const files = await encodeFiles(order)
  const { file, contents, checkpoints, results } = store
  return file.write(() => {
    const put = (bytes: Uint8Array | null): ContentHash | null => bytes && contents.put(bytes, 'picture')
    const provenance: Provenance = {
      ...{ task, runId: checkpoint.runId, checkpointId: checkpoint.id, step: checkpoint.step },
      weights: checkpoints.weightsHash(checkpoint.id),
      seed: order.seed,
      langevinSteps: order.steps,
      noise: order.noise ?? null,
      guidance: order.guidance ?? null,
      labels: condition.kind === 'labels' ? condition.weights : null,
      latent: condition.kind === 'labels' ? (condition.latent ?? null) : null,
      condition: put(files.condition),
      mask: put(files.mask),
      strokes: order.strokes ?? null,
      engine,
      program: programVersion,
    }
    checkpoints.pin(checkpoint.id)
    return results.insert({
      ...{ title, width: picture.width, height: picture.height, provenance },
      picture: contents.put(files.picture, 'picture'),
      initial: put(files.initial),
    })
  })
}

async function encodeFiles({ picture, initial, condition }: KeepOrder) {
  const encode = (given: Picture | undefined) => (given === undefined ? null : encodePng(given))
  const given = picturesOf(condition)
  const [own, first, observed, mask] = await Promise.all([
    encodePng(picture),
    encode(initial),
    encode(given.condition),
    encode(given.mask),
  ])
  return { picture: own, initial: first, condition: observed, mask }
}

function picturesOf(condition: Condition): { readonly condition?: Picture; readonly mask?: Picture } {
  switch (condition.kind) {
    case 'labels':
      return {}
    case 'picture':
      return { condition: condition.picture }
    case 'masked':
      return { condition: condition.observed, mask: condition.mask }
    default:
      return assertNever(condition)
  }
}

/** A PNG that says what reproduces it. @param png as it was kept */
export function withMetadata(
  png: Uint8Array,
  { title, provenance }: ResultRecord,
  run: RunRecord | undefined,
): Uint8Array {
  const { seed, langevinSteps, noise, guidance, labels, latent, engine, program, task, step, weights } = provenance
  return insertPngText(png, {
    'tandem:title': title,
    'tandem:task': task,
    ...(run ? { 'tandem:model': run.name } : {}),
    'tandem:step': String(step),
    'tandem:weights': weights,
    'tandem:seed': String(seed),
    'tandem:steps': String(langevinSteps),
    ...(noise === null ? {} : { 'tandem:noise': noise ? 'on' : 'off' }),
    ...(guidance === null ? {} : { 'tandem:guidance': String(guidance) }),
    ...(labels === null ? {} : { 'tandem:labels': JSON.stringify(labels) }),
    ...(latent === null ? {} : { 'tandem:latent': JSON.stringify(latent) }),
    'tandem:engine': engine,
    'tandem:program': program,
  })
}
