/** Names of the two pipes between a window and the main process. */
export const channels = { request: 'studio:request', event: 'studio:event' } as const
