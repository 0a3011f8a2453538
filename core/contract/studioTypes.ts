/** Settings and engines as pages see them. */
import { z } from 'zod'

export type EngineKind = 'tensorflow' | 'webgpu' | 'wasm'

/** The computing process now. */
export type EngineState =
  | { readonly kind: 'starting' }
  | {
      readonly kind: 'ready'
      readonly engine: EngineKind
      readonly version: string
      readonly detail: string
      readonly threads: number
    }
  /** It died and is being started again; the sentence says what happened to its work. */
  | { readonly kind: 'restarting'; readonly message: string }
  | { readonly kind: 'unavailable'; readonly message: string; readonly hint: string | null }

export interface EngineReport {
  readonly engine: EngineKind
  readonly available: boolean
  readonly version: string | null
  readonly detail: string
  readonly reason: string | null
  readonly howToGet: string | null
}

const settingsFields = {
  theme: z.enum(['system', 'light', 'dark']),
  engine: z.enum(['tensorflow', 'webgpu', 'wasm']).nullable(),
  threads: z.number().int().min(1).max(256).nullable(),
  /** Command -> keys. */
  shortcuts: z.record(z.string().max(60), z.string().max(60)),
  retention: z.strictObject({
    last: z.number().int().min(1).max(1000),
    best: z.number().int().min(0).max(1000),
    everySteps: z.number().int().min(0).max(10_000_000),
  }),
  /** After a crash: go on with the training by itself, or ask. */
  resumeAfterCrash: z.boolean(),
  /** What pages remember of themselves. */
  pages: z.record(z.string().max(60), z.json()),
}
export const settings = z.strictObject(settingsFields)
export type Settings = z.infer<typeof settings>
export const settingsChange = settings.partial()
export type SettingsChange = z.infer<typeof settingsChange>

export const defaultSettings: Settings = {
  theme: 'system',
  engine: null,
  threads: null,
  shortcuts: {},
  retention: { last: 3, best: 2, everySteps: 0 },
  resumeAfterCrash: true,
  pages: {},
}
