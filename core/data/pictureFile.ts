/**
 * Picture files in and out: PNG, JPEG and WebP, told apart by their first bytes. The header is read before anything is
 * decoded, EXIF orientation is applied, transparency becomes white, and only the first frame of an animation counts.
 */
import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'
import sharp from 'sharp'
import type { Sharp } from 'sharp'
import { AppError } from '../domain/errors.ts'
import type { Picture } from '../domain/picture.ts'
import { insertPngText } from './pngText.ts'

export const maximumPixels = 50_000_000
const maximumFileBytes = 200_000_000

// Files from strangers: no other decoder (SVG, PDF, TIFF ...) can be reached, whatever a file turns out to be. The decoders are those of the
// whole process, so threads leave them alone: for a moment nobody could decode.
const chosen = 'only decoders of PNG, JPEG and WebP'
if (getEnvironmentData(chosen) !== true) {
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: ['VipsForeignLoadPng', 'VipsForeignLoadJpeg', 'VipsForeignLoadWebp'] })
  setEnvironmentData(chosen, true)
}
// Decoded pictures are kept where their size is counted (pictureCache.ts), not a second time here.
sharp.cache(false)

/** What a file is, judged without decoding it; width and height as seen, i.e. after EXIF orientation. */
export type Inspection =
  | { readonly kind: 'picture'; readonly width: number; readonly height: number; readonly channels: 1 | 3 }
  | { readonly kind: 'not-picture' | 'too-large' | 'unreadable'; readonly message: string }

/** How to reduce: `smooth` (Lanczos) for photographs, `area` (no ringing) for drawings, label maps and masks. */
export type Kernel = 'smooth' | 'area'

export interface DecodeOptions {
  readonly channels?: 1 | 3
  /** Only the left or the right half of the picture. */
  readonly half?: 'left' | 'right' | undefined
  /** Centre crop to a square (if need be) and resize to size x size. */
  readonly size?: number
  readonly kernel?: Kernel
}

/** PNG, JPEG or WebP by the first 12 bytes; undefined for everything else. */
export function sniffFormat(bytes: Uint8Array): 'png' | 'jpeg' | 'webp' | undefined {
  const text = String.fromCharCode(...bytes.subarray(0, 12))
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png'
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg'
  if (/^RIFF[^]{4}WEBP/.test(text)) return 'webp'
  return undefined
}

/** Judges a whole file by its header. */
export async function inspectBytes(bytes: Uint8Array, maxPixels = maximumPixels): Promise<Inspection> {
  if (bytes.length === 0) return { kind: 'unreadable', message: 'the file is empty' }
  if (sniffFormat(bytes) === undefined) return { kind: 'not-picture', message: 'not a PNG, JPEG or WebP picture' }
  try {
    const header = await sharp(bytes, { limitInputPixels: false }).metadata()
    const { width, height } = header.autoOrient
    if (width * height > maxPixels) {
      const millions = (count: number) => (count / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })
      const message = `${width} x ${height} is more than ${millions(maxPixels)} million pixels`
      return { kind: 'too-large', message }
    }
    return { kind: 'picture', width, height, channels: header.channels < 3 ? 1 : 3 }
  } catch {
    return { kind: 'unreadable', message: 'the header is damaged' }
  }
}

/** The bytes of a file with what they are; files too large to be a picture are not read. */
export async function inspectFile(
  file: string,
  maxPixels = maximumPixels,
): Promise<{ inspection: Inspection; bytes: Uint8Array }> {
  const nothing = new Uint8Array()
  try {
    if ((await stat(file)).size > maximumFileBytes)
      return { inspection: { kind: 'too-large', message: 'the file is larger than 200 MB' }, bytes: nothing }
    const bytes = await readFile(file)
    return { inspection: await inspectBytes(bytes, maxPixels), bytes }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const message = code === 'ENOENT' ? 'there is no such file' : 'the file cannot be opened'
    return { inspection: { kind: 'unreadable', message }, bytes: nothing }
  }
}

/**
 * Decodes a file (path) or its bytes that were inspected before. Throws what the decoder says when the pixels are damaged.
 * Never more than maximumPixels are decoded.
 */
export async function decodePicture(input: string | Uint8Array, options: DecodeOptions = {}): Promise<Picture> {
  const { channels = 3, half, size, kernel = 'smooth' } = options
  const settings = { autoOrient: true, failOn: 'error', limitInputPixels: maximumPixels } as const
  let image = sharp(input, settings)
  if (half !== undefined) {
    const { width, height } = (await sharp(input, settings).metadata()).autoOrient
    const halfWidth = Math.floor(width / 2)
    image = image.extract({ left: half === 'left' ? 0 : width - halfWidth, top: 0, width: halfWidth, height })
  }
  return rawPicture(image.flatten({ background: '#fff' }), channels, size, size, kernel)
}

/**
 * Reads one picture file; a grey file gives one channel. Throws AppError('bad-input') for everything that is not a sound
 * PNG, JPEG or WebP of at most `maxPixels` (default 50 million).
 */
export async function readPicture(file: string, options: { maxPixels?: number } = {}): Promise<Picture> {
  const { inspection, bytes } = await inspectFile(file, options.maxPixels)
  const name = basename(file)
  if (inspection.kind !== 'picture') throw new AppError('bad-input', `“${name}” cannot be used: ${inspection.message}.`)
  try {
    return await decodePicture(bytes, { channels: inspection.channels })
  } catch (cause) {
    throw new AppError('bad-input', `“${name}” cannot be used: its pixels are damaged or cut off.`, { cause })
  }
}

/** Resizes to width x height; where the aspect ratio differs, the middle is kept and the rest cropped. */
export async function resizePicture(
  picture: Picture,
  width: number,
  height: number,
  options: { kernel?: Kernel; channels?: 1 | 3 } = {},
): Promise<Picture> {
  const { kernel = 'smooth', channels = picture.channels } = options
  if (picture.width === width && picture.height === height && picture.channels === channels) return picture
  return rawPicture(sharpOf(picture), channels, width, height, kernel)
}

/** A PNG file as bytes, with optional texts (keyword -> text) that travel in it. */
export async function encodePng(picture: Picture, metadata: Record<string, string> = {}): Promise<Uint8Array> {
  const colours = picture.channels === 1 ? 'b-w' : 'srgb'
  return insertPngText(await sharpOf(picture).toColourspace(colours).png().toBuffer(), metadata)
}

function sharpOf({ width, height, channels, data }: Picture): Sharp {
  return sharp(data, { raw: { width, height, channels } })
}

async function rawPicture(
  image: Sharp,
  channels: 1 | 3,
  width: number | undefined,
  height: number | undefined,
  kernel: Kernel,
): Promise<Picture> {
  let wanted = image
  if (width !== undefined && height !== undefined)
    wanted = wanted.resize(width, height, {
      fit: 'cover',
      kernel: kernel === 'area' ? 'linear' : 'lanczos3',
      // Shrinking while a JPEG is decoded is quick but leaves halos around flat colours.
      fastShrinkOnLoad: kernel === 'smooth',
    })
  wanted = channels === 1 ? wanted.greyscale().toColourspace('b-w') : wanted.toColourspace('srgb')
  const { data, info } = await wanted.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
  return {
    width: info.width,
    height: info.height,
    channels,
    data: new Uint8Array(data.buffer, data.byteOffset, data.length),
  }
}
