/** Small text for contact sheets: a 5x7 dot-matrix alphabet for printable ASCII, drawn straight into RGB bytes. */

export const letterHeight = 7
const letterWidth = 5
const advance = letterWidth + 1
const firstCode = 0x20

/** Ten hexadecimal digits a letter from space to tilde: five columns from the left, the lowest bit on top. */
const columns =
  '000000000000005f00000007000700147f147f14242a7f2a12231308646236495522500005030000001c2241000041221c0014083e081408083e0808' +
  '0050300000080808080800606000002010080402' +
  '3e5149453e00427f40004261514946214145' +
  '4b311814127f1027454545393c4a494930017109050336494949360649' +
  '49291e003636000000563600000814224100141414141400412214080201510906' +
  '324979413e7e1111117e7f494949363e414141227f4141221c7f494949417f090909013e4149497a7f0808087f00417f41002040413f01' +
  '7f081422417f404040407f020c027f7f0408107f3e4141413e7f090909063e4151215e7f09192946464949493101017f01013f4040403f' +
  '1f2040201f3f4038403f63140814630708700807615149454300' +
  '7f414100020408102000' +
  '41417f0004020102044040404040000102040020545454787f484444383844444420384444487f3854545418087e090102' +
  '0c5252523e7f0804047800447d40002040443d007f1028440000417f40007c041804787c0804047838444444387c14141408' +
  '081414187c7c080404084854545420043f4440203c4040207c1c2040201c3c4030403c44281028440c5050503c4464544c44' +
  '000836410000007f0000004136080008081c0808'

/** Width of a text in pixels at a scale. */
export function measureText(text: string, scale: number): number {
  return Math.max(0, text.length * advance - 1) * scale
}

export interface Lettering {
  readonly left: number
  readonly top: number
  /** Screen pixels per dot. */
  readonly scale: number
  readonly color: readonly [red: number, green: number, blue: number]
}

/** Writes one line into an RGB picture `width` pixels wide; what the alphabet lacks becomes a question mark. */
export function drawText(rgb: Uint8Array, width: number, text: string, { left, top, scale, color }: Lettering): void {
  for (const [place, letter] of [...text].entries()) {
    for (let column = 0; column < letterWidth; column++) {
      const dots = columnOf(letter, column)
      for (let row = 0; row < letterHeight; row++) {
        if (((dots >> row) & 1) === 0) continue
        const x = left + (place * advance + column) * scale
        const y = top + row * scale
        for (let i = 0; i < scale * scale; i++)
          rgb.set(color, ((y + Math.floor(i / scale)) * width + x + (i % scale)) * 3)
      }
    }
  }
}

function columnOf(letter: string, column: number): number {
  const known = letter >= ' ' && letter <= '~' ? letter : '?'
  const at = ((known.charCodeAt(0) - firstCode) * letterWidth + column) * 2
  return parseInt(columns.slice(at, at + 2), 16)
}
