/** Tests ask the main process things, as Playwright's `electronApplication.evaluate` does with a real one. */
import { openBrowser } from './browser.ts'

interface Question {
  readonly id: number
  /** A function's text: (electron, argument) => answer. */
  readonly source: string
  readonly argument: unknown
}

export function answerTests(electron: object): void {
  if (process.send === undefined) return
  process.on('message', ({ id, source, argument }: Question) => {
    const work = new Function(`return (${source})`)() as (electron: object, argument: unknown) => unknown
    Promise.resolve()
      .then(() => work(electron, argument))
      .then(
        (value) => process.send?.({ id, value }),
        (error: unknown) => process.send?.({ id, error: String(error) }),
      )
  })
  void openBrowser().then(({ endpoint }) => process.send?.({ endpoint }))
}
