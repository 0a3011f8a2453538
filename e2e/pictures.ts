/** Pictures of two classes, drawn by formula: upright and lying bars. */
import { encodePng } from '../core/data/pictureFile.ts'
import { Random } from '../core/domain/random.ts'

export interface DrawnFile {
  /** class/number.png */
  readonly path: string
  readonly bytes: number[]
}

export async function drawPictures(perClass = 30, side = 28): Promise<DrawnFile[]> {
  const random = new Random(1)
  const files: DrawnFile[] = []
  for (const label of ['lying', 'upright']) {
    for (let number = 0; number < perClass; number++) {
      const at = 4 + random.integer(side - 8)
      const data = Uint8Array.from({ length: side * side }, (_, i) => {
        const place = label === 'upright' ? i % side : Math.floor(i / side)
        return Math.abs(place - at) < 3 ? 200 + random.integer(55) : random.integer(30)
      })
      const png = await encodePng({ width: side, height: side, channels: 1, data })
      files.push({ path: `${label}/${number}.png`, bytes: [...png] })
    }
  }
  return files
}
