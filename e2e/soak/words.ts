/** What the killed program and the one who kills it say to each other. */

/** To the actor, first of all. */
export interface Begin {
  readonly home: string
  readonly project: string
}

/** From the actor: each of these was acknowledged by the studio before it was sent. */
export type Acknowledged =
  | { readonly kind: 'ready'; readonly computePid: number; readonly resumedFrom: number | null }
  | { readonly kind: 'computing'; readonly computePid: number }
  | { readonly kind: 'stroke'; readonly serial: number }
  | { readonly kind: 'result'; readonly resultId: string; readonly picture: string }
  | { readonly kind: 'checkpoint'; readonly checkpointId: string; readonly step: number }
  | { readonly kind: 'step'; readonly step: number }
  | { readonly kind: 'noted'; readonly message: string }
  | { readonly kind: 'broken'; readonly message: string }
