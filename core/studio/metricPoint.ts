/** What a step measured as a line of the chart. */
import type { StepReport } from '../compute/trainer.ts'
import type { MetricPoint } from '../domain/records.ts'

const unmeasured = {
  gap: null,
  move: null,
  gradientSize: null,
  mappingError: null,
  observedError: null,
  meanPictureError: null,
  solverGradient: null,
  saturation: null,
} satisfies Omit<MetricPoint, 'step' | 'elapsedMs'>

/** @returns undefined for a roll-back, which measures nothing */
export function metricPointOf(report: StepReport, elapsedMs: number): MetricPoint | undefined {
  if (report.kind === 'rolledBack') return undefined
  const measured = report.kind === 'prelude' ? { observedError: report.observedError } : report.metrics
  const finite = Object.entries(measured).map(([name, value]) => [name, Number.isFinite(value) ? value : null] as const)
  return { step: report.step, elapsedMs, ...unmeasured, ...Object.fromEntries(finite) }
}
