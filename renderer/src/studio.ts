/** What pages know of the studio: the contract's two tables, and whether the line to the host holds. */
import type { EventName, Events } from '../../core/contract/events.ts'
import type { Reply } from '../../core/contract/reply.ts'
import type { RequestInput, RequestName, RequestOutput } from '../../core/contract/requests.ts'

export type Link = 'connecting' | 'open' | 'lost'

export interface Studio {
  request<N extends RequestName>(name: N, input: RequestInput<N>): Promise<Reply<RequestOutput<N>>>
  /** @returns stops listening */
  on<E extends EventName>(name: E, listener: (payload: Events[E]) => void): () => void
  /** Told at once and at every change. @returns stops listening */
  onLink(listener: (link: Link) => void): () => void
}
