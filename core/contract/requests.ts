/** The request table: everything a page may ask of a host. A new call is one row here and one handler; a missing handler does not compile. */
import type { z } from 'zod'
import { AppError } from '../domain/errors.ts'
import { dataRequests } from './requests/data.ts'
import { documentRequests } from './requests/documents.ts'
import { drawingRequests } from './requests/drawing.ts'
import { galleryRequests } from './requests/gallery.ts'
import { projectRequests } from './requests/projects.ts'
import { studioRequests } from './requests/studio.ts'
import { trainingRequests } from './requests/training.ts'

export const requests = {
  ...studioRequests,
  ...projectRequests,
  ...dataRequests,
  ...trainingRequests,
  ...documentRequests,
  ...drawingRequests,
  ...galleryRequests,
}

export type Requests = typeof requests
export type RequestName = keyof Requests
/** As a caller writes it: fields with a default may be left out. */
export type RequestInput<N extends RequestName> = z.input<Requests[N]['input']>
/** As a handler gets it. */
export type ParsedInput<N extends RequestName> = z.output<Requests[N]['input']>
export type RequestOutput<N extends RequestName> = ReturnType<NonNullable<Requests[N]['output']>>

export type Handler<N extends RequestName> = (input: ParsedInput<N>) => Promise<RequestOutput<N>> | RequestOutput<N>
export type Handlers = { readonly [N in RequestName]: Handler<N> }

export function isRequestName(name: unknown): name is RequestName {
  return typeof name === 'string' && Object.hasOwn(requests, name)
}

/** @throws AppError misuse naming the first field that is not as it should be */
export function parseInput<N extends RequestName>(name: N, input: unknown): ParsedInput<N> {
  const parsed = requests[name].input.safeParse(input)
  if (parsed.success) return parsed.data as ParsedInput<N>
  const [issue] = parsed.error.issues
  throw new AppError('misuse', `${name}: ${issue.path.join('.') || 'the input'}: ${issue.message}.`)
}
