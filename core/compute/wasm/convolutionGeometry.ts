/** The shapes of a convolution from tfjs's inputs and attributes. */
import * as tf from '@tensorflow/tfjs-core'

export type ConvolutionInfo = tf.backend_util.Conv2DInfo

interface ConvolutionAttributes {
  strides: [number, number] | number
  pad: 'same' | 'valid' | number | tf.backend_util.ExplicitPadding
  dataFormat?: 'NHWC' | 'NCHW'
  dilations?: [number, number] | number
  dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

export function convolutionInfo(
  inputShape: number[],
  filterShape: number[],
  attributes: tf.NamedAttrMap,
  isDepthwise = false,
): ConvolutionInfo {
  const { strides, pad, dataFormat, dilations, dimRoundingMode } = attributes as Partial<ConvolutionAttributes>
  return tf.backend_util.computeConv2DInfo(
    fourNumbers(inputShape),
    fourNumbers(filterShape),
    strides ?? 1,
    dilations ?? 1,
    pad ?? 'valid',
    dimRoundingMode,
    isDepthwise,
    tf.backend_util.convertConv2DDataFormat(dataFormat ?? 'NHWC'),
  )
}

export function shapeAttribute(attributes: tf.NamedAttrMap, name: string): number[] {
  const value = attributes[name]
  if (!Array.isArray(value)) throw new RangeError(`${name} must be a shape, not ${String(value)}`)
  return value.map(Number)
}

function fourNumbers(shape: number[]): [number, number, number, number] {
  if (shape.length !== 4) throw new RangeError(`a convolution takes tensors of 4 dimensions, not [${shape.join(', ')}]`)
  return [shape[0], shape[1], shape[2], shape[3]]
}

/** Ours do channels-last convolutions without dilation or groups. */
export function isPlain(info: ConvolutionInfo, filterShape: number[]): boolean {
  return (
    info.dataFormat === 'channelsLast' &&
    info.dilationHeight === 1 &&
    info.dilationWidth === 1 &&
    filterShape[2] === info.inChannels
  )
}

/** Blurs: one filter per channel, stride 1. */
export function isPlainDepthwise(info: ConvolutionInfo, filterShape: number[]): boolean {
  return isPlain(info, filterShape) && filterShape[3] === 1 && info.strideHeight === 1 && info.strideWidth === 1
}

/** In the order of the class Geometry in kernels/columns.ts. */
export function geometryNumbers(info: ConvolutionInfo): number[] {
  return [
    info.batchSize,
    info.inHeight,
    info.inWidth,
    info.inChannels,
    info.outHeight,
    info.outWidth,
    info.outChannels,
    info.filterHeight,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
    info.padInfo.top,
    info.padInfo.left,
  ]
}

/** Numbers under one window. */
export function windowOf(info: ConvolutionInfo): number {
  return info.filterHeight * info.filterWidth * info.inChannels
}

/** Output positions of the whole batch. */
export function positionsOf(info: ConvolutionInfo): number {
  return info.batchSize * info.outHeight * info.outWidth
}
