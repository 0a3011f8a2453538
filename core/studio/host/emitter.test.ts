import { describe, expect, it } from 'vitest'
import { createEmitter } from './emitter.ts'

const closed = { projectId: 'p' }

describe('the emitter', () => {
  it('tells the others when one listener throws, and says what was thrown', () => {
    const failures: unknown[] = []
    const heard: string[] = []
    const emitter = createEmitter((error) => failures.push(error))
    const defect = new Error('defect')
    emitter.listen(() => {
      throw defect
    })
    emitter.listen((name) => heard.push(name))
    emitter.tell('project:closed', closed)
    expect(heard).toEqual(['project:closed'])
    expect(failures).toEqual([defect])
  })

  it('counts a listener that came twice as two, and lets each go by itself', () => {
    const heard: string[] = []
    const emitter = createEmitter(() => undefined)
    const hear = (name: string) => heard.push(name)
    const leave = emitter.listen(hear)
    emitter.listen(hear)
    leave()
    leave()
    emitter.tell('project:closed', closed)
    expect(heard).toHaveLength(1)
  })

  it('still tells the rest when a listener leaves meanwhile', () => {
    const heard: string[] = []
    const emitter = createEmitter(() => undefined)
    const leave = emitter.listen(() => leave())
    emitter.listen((name) => heard.push(name))
    emitter.tell('project:closed', closed)
    expect(heard).toHaveLength(1)
  })
})
