/** What a host brings to try engines with. */
export type { ScriptChild, StartScript } from '../compute/startScript.ts'
