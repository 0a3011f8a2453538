/**
 * Contact sheets: rows of pictures to compare by eye (sketch, fast guess, refined, observed), one column per example.
 */
import { pictureAt } from '../domain/picture.ts'
import type { Picture, Pictures } from '../domain/picture.ts'
import { drawText, letterHeight, measureText } from './lettering.ts'

export interface SheetRow {
  readonly label?: string
  readonly pictures: Pictures
}

export interface SheetOptions {
  /** Pictures side by side (default 10); further ones follow in a band below. */
  readonly columns?: number
  /** Screen pixels per picture pixel, a whole number; default: small pictures grow to about 128. */
  readonly scale?: number
  /** Space between pictures in screen pixels (default 4). */
  readonly gap?: number
  /** Write the labels at the left (default: when there are any). */
  readonly captions?: boolean
}

const ground = 0x17 // neutral and dark, so that neither white nor coloured pictures look tinted
const ink = [0xc4, 0xc4, 0xc4] as const
const captionScale = 2

/**
 * One RGB picture of all rows. Grey and RGB rows may be mixed, counts may differ (missing places stay empty); sizes
 * may not.
 * Throws RangeError for no rows, different sizes, or options that are not whole numbers.
 */
export function composeSheet(rows: readonly SheetRow[], options: SheetOptions = {}): Picture {
  const first = rows[0]?.pictures
  if (first === undefined) throw new RangeError('a sheet needs at least one row')
  for (const { pictures, label } of rows)
    if (pictures.width !== first.width || pictures.height !== first.height)
      throw new RangeError(
        `row ${label ?? ''} has pictures of ${pictures.height}x${pictures.width}, not ${first.height}x${first.width}`,
      )
  const longest = Math.max(...rows.map(({ pictures }) => pictures.count))
  if (longest === 0) throw new RangeError('a sheet needs at least one picture')
  const columns = Math.min(longest, assertWhole('columns', options.columns ?? 10, 1))
  const scale = assertWhole('scale', options.scale ?? Math.max(1, Math.round(128 / first.width)), 1)
  const gap = assertWhole('gap', options.gap ?? 4, 0)
  const labels = rows.map(({ label }) => label ?? '')
  const captions = options.captions ?? labels.some((label) => label !== '')
  const margin = gap * 2
  const captionWidth = captions ? Math.max(...labels.map((label) => measureText(label, captionScale))) + 2 * margin : 0
  const cellWidth = first.width * scale
  const cellHeight = Math.max(first.height * scale, captions ? letterHeight * captionScale : 0)
  const bands = Math.ceil(longest / columns)
  const bandHeight = rows.length * (cellHeight + gap) - gap
  const width = margin + captionWidth + columns * (cellWidth + gap) - gap + margin
  const height = margin + bands * (bandHeight + 3 * gap) - 3 * gap + margin
  const data = new Uint8Array(width * height * 3).fill(ground)
  for (let band = 0; band < bands; band++) {
    for (const [index, { pictures }] of rows.entries()) {
      const top = margin + band * (bandHeight + 3 * gap) + index * (cellHeight + gap)
      const textTop = top + Math.floor((cellHeight - letterHeight * captionScale) / 2)
      if (captions)
        drawText(data, width, labels[index], { left: margin + gap, top: textTop, scale: captionScale, color: ink })
      const shown = Math.min(columns, pictures.count - band * columns)
      for (let column = 0; column < shown; column++) {
        const left = margin + captionWidth + column * (cellWidth + gap)
        paste(data, width, pictureAt(pictures, band * columns + column), { left, top, scale })
      }
    }
  }
  return { width, height, channels: 3, data }
}

/** Enlarged by repeating pixels, so that every one of them can be judged. */
function paste(
  rgb: Uint8Array,
  sheetWidth: number,
  { width, height, channels, data }: Picture,
  { left, top, scale }: { left: number; top: number; scale: number },
): void {
  for (let y = 0; y < height * scale; y++) {
    for (let x = 0; x < width * scale; x++) {
      const from = (Math.floor(y / scale) * width + Math.floor(x / scale)) * channels
      const to = ((top + y) * sheetWidth + left + x) * 3
      for (let channel = 0; channel < 3; channel++) rgb[to + channel] = data[from + (channels === 3 ? channel : 0)]
    }
  }
}

function assertWhole(name: string, value: number, least: number): number {
  if (!Number.isInteger(value) || value < least)
    throw new RangeError(`${name} is a whole number of ${least} or more, not ${value}`)
  return value
}
