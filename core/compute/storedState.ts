/** What may be known of a training state outside the engine: plain data and its shapes, never a tensor. */
export { type StoredState, storedShapes } from '../ebm/learningState.ts'
