/** Many pictures: every condition with every seed, or the way from one sketch to another. Each is told as soon as it is drawn. */
import type { Drawing, SampleCondition } from '../../../compute/sampler.ts'
import { pictureAt } from '../../../domain/picture.ts'
import { assertTask } from '../../drawingRules.ts'
import type { Turn } from './context.ts'
import { askerOf, chainOf, finiteOrNull } from './drawChain.ts'
import { fitCondition, fitSketch, joinConditions } from './drawConditions.ts'
import type { DrawContext, DrawWork } from './drawContext.ts'
import { ProgressReport } from './report.ts'

export const drawSample: DrawWork<'sample'> = ({ order }, { models, tell }, turn) =>
  models.use(order.source, async (model) => {
    const { sampler } = model
    const chain = chainOf(model, order)
    const fitted = []
    for (const condition of order.conditions) {
      fitted.push(await fitCondition(condition, sampler.recipe, askerOf(model)))
      await turn.pause()
    }
    const drafts = fitted.flatMap((one) => order.seeds.map((seed): Draft => ({ ...one, seed })))
    const report = new ProgressReport({ jobId: turn.jobId, unit: 'pictures', total: drafts.length, tell })
    let index = 0
    for (const group of groupDrafts(drafts, sampler.atOnce)) {
      const latents = group.flatMap(({ latent }) => (latent ? [latent] : []))
      const drawing = await sampler.draw(
        joinConditions(group.map(({ condition }) => condition)),
        group.map(({ seed }) => seed),
        { ...chain, latents: latents.length > 0 ? latents : undefined, pause: () => turn.pause() },
      )
      tellDrawn(drawing, { index, steps: chain.steps, jobId: turn.jobId, tell })
      index += group.length
      report.advance(group.length)
    }
    return { kind: 'drawn' }
  })

export const drawInterpolate: DrawWork<'interpolate'> = ({ order }, { models, tell }, turn) =>
  models.use(order.source, async (model) => {
    const { sampler } = model
    assertTask(sampler.recipe, 'picture', askerOf(model))
    const chain = chainOf(model, order)
    const from = await fitSketch(order.from, sampler.recipe)
    const to = await fitSketch(order.to, sampler.recipe)
    const report = new ProgressReport({ jobId: turn.jobId, unit: 'pictures', total: order.shares.length, tell })
    for (const [index, share] of order.shares.entries()) {
      const options = { ...chain, pause: () => turn.pause() }
      const drawing = await sampler.interpolate(from, to, order.seed, [share], options)
      tellDrawn(drawing, { index, steps: chain.steps, jobId: turn.jobId, tell })
      report.advance()
    }
    return { kind: 'drawn' }
  })

interface Draft {
  readonly condition: SampleCondition
  readonly latent?: readonly number[]
  readonly seed: number
}

/** As many as are computed together; those with a latent of their own apart from the others. */
export function groupDrafts(drafts: readonly Draft[], most: number): Draft[][] {
  const groups: Draft[][] = []
  for (const draft of drafts) {
    const group = groups.at(-1)
    const fits = group && group.length < most && (group[0].latent === undefined) === (draft.latent === undefined)
    if (fits) group.push(draft)
    else groups.push([draft])
  }
  return groups
}

interface Telling extends Pick<Turn, 'jobId'>, Pick<DrawContext, 'tell'> {
  /** Of the first picture. */
  readonly index: number
  readonly steps: number
}

function tellDrawn({ initial, refined, gain }: Drawing, { index, steps, jobId, tell }: Telling): void {
  for (let at = 0; at < refined.count; at++) {
    const pictures = { initial: pictureAt(initial, at), picture: pictureAt(refined, at), gain: finiteOrNull(gain[at]) }
    tell({ kind: 'pictured', jobId, index: index + at, step: steps, steps, ...pictures })
  }
}
