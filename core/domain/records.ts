/** What a project remembers, as plain data: the shapes that storage, use cases and pages share. */
export type * from './records/dataSets.ts'
export type * from './records/documents.ts'
export type * from './records/ids.ts'
export * from './records/jobs.ts'
export type * from './records/outcomes.ts'
export type * from './records/project.ts'
export type * from './records/results.ts'
export type * from './records/runs.ts'
