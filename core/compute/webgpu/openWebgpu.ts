/**
 * tfjs's WebGPU backend under Node: Dawn (the npm package `webgpu`) gives Node what a browser has. The backend wants `navigator.gpu`
 * and WebGPU's constants as globals.
 */
import * as tf from '@tensorflow/tfjs-core'
import { AppError } from '../../domain/errors.ts'

export interface WebgpuEngine {
  kind: 'webgpu'
  /** Of tfjs's WebGPU backend. */
  version: string
  /** The adapter's own name, for people. */
  adapter: string
  /** True where a processor imitates the GPU (SwiftShader, lavapipe, WARP): right, but slow. */
  software: boolean
  close(): void
}

const hint = 'It needs a GPU with a Vulkan, Metal or Direct3D 12 driver; the engine "wasm" works everywhere.'

/** What convolutions of large pictures need beyond the defaults that every device grants. */
const raisedLimits = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const

/**
 * Makes WebGPU the current backend. Read results with `await tensor.data()`: this backend cannot be read synchronously under Node.
 * @throws AppError 'engine-unavailable' when Dawn does not load or finds no adapter.
 */
export async function openWebgpu(): Promise<WebgpuEngine> {
  const gpu = await loadDawn()
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter) throw new AppError('engine-unavailable', 'WebGPU finds no GPU on this machine.', { hint })
  // Imported before navigator.gpu exists, so that the package does not register a backend that asks for its own device.
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu')
  Object.defineProperty(globalThis.navigator, 'gpu', { value: gpu, configurable: true })
  const device = await adapter.requestDevice({
    requiredLimits: Object.fromEntries(raisedLimits.map((name) => [name, adapter.limits[name]])),
  })
  device.addEventListener('uncapturederror', ({ error }) => {
    // Dawn drops the refused work and goes on with old numbers; ending here is better than learning from them.
    throw new AppError('engine-unavailable', `The GPU refused a computation: ${error.message}`, { hint })
  })
  const backend = new WebGPUBackend(device, adapter.info)
  tf.registerBackend('webgpu', () => backend)
  if (!(await tf.setBackend('webgpu'))) {
    throw new AppError('engine-unavailable', `WebGPU does not start on ${nameAdapter(adapter.info)}.`, { hint })
  }
  return {
    kind: 'webgpu',
    version: tf.version_core,
    adapter: nameAdapter(adapter.info),
    software: isSoftware(adapter.info),
    close() {
      tf.removeBackend('webgpu')
      // Dawn keeps the process alive for as long as something holds a device.
      device.destroy()
      Reflect.deleteProperty(globalThis.navigator, 'gpu')
    },
  }
}

async function loadDawn(): Promise<GPU> {
  try {
    const { create, globals } = await import('webgpu')
    Object.assign(globalThis, globals)
    return create([])
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('engine-unavailable', `WebGPU does not load: ${reason}`, { hint, cause })
  }
}

export interface AdapterName {
  vendor: string
  architecture: string
  device: string
  description: string
  isFallbackAdapter?: boolean
}

/** Some drivers fill in only part of it. */
export function nameAdapter(info: AdapterName): string {
  return info.device && info.description
    ? `${info.device} (${info.description})`
    : info.device || info.description || info.architecture || info.vendor || 'a GPU without a name'
}

export function isSoftware(info: AdapterName): boolean {
  const names = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`
  return info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|softpipe|warp\b|basic render/i.test(names)
}
