/** A drawing as a contact sheet: condition, fast guess, refined, and where it is known the observed picture. */
import type { Batch, Picture, Pictures } from '../domain/picture.ts'
import { composeSheet } from '../evaluation/sheet.ts'

export interface SheetPictures {
  readonly condition?: Pictures
  readonly initial: Pictures
  readonly refined: Pictures
  readonly observed?: Pictures
  /** What the condition row shows: "style", "picture" ... */
  readonly conditionName?: string
}

/** @param columns pictures side by side */
export function composeDrawing(
  { condition, initial, refined, observed, conditionName = 'condition' }: SheetPictures,
  columns: number,
): Picture {
  return composeSheet(
    [
      ...(condition ? [{ label: conditionName, pictures: condition }] : []),
      { label: 'initial', pictures: initial },
      { label: 'refined', pictures: refined },
      ...(observed ? [{ label: 'observed', pictures: observed }] : []),
    ],
    { columns },
  )
}

/** Examples of a data set: what is given above what is to be learnt. */
export function composeExamples({ observed, condition, mask }: Batch): Picture {
  const rows = [
    ...(condition ? [{ label: 'condition', pictures: condition }] : []),
    ...(mask ? [{ label: 'given', pictures: hide(observed, mask) }] : []),
    { label: 'observed', pictures: observed },
  ]
  return composeSheet(rows, { columns: observed.count })
}

/** The pictures with their hidden pixels grey. */
export function hide(observed: Pictures, mask: Pictures): Pictures {
  const { channels, data } = observed
  return { ...observed, data: data.map((value, index) => (mask.data[Math.floor(index / channels)] > 0.5 ? 0 : value)) }
}
