/** What a person decides before any number: the rest of a recipe follows. */
import type { TaskKind } from '../recipe.ts'

export interface RecipeRequest {
  readonly task: TaskKind
  readonly size: number
  readonly channels: 1 | 3
  /** Names of the classes; empty for picture tasks. */
  readonly labels: readonly string[]
  /** Of the condition pictures; as the pictures when absent. The papers have 3. */
  readonly conditionChannels?: 1 | 3
  /** Solver heads of the papers: 1 or 100 summed outputs. Paper recipes only. */
  readonly outputs?: 1 | 100
  /** The label joins the initializer before its first layer (P1 4.1.2, 4.1.4), as it does below 32 pixels anyway. Paper recipes of the class task only. */
  readonly early?: boolean
  /** P2's template solver. Paper recipes of the class task only. */
  readonly template?: boolean
  /** Naive design: a latent vector at the bottleneck instead of dropout (P1 4.2.2). Paper recipes of picture tasks only. */
  readonly naive?: boolean
}
