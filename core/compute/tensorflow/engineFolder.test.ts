import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bindingPath, hasTensorflow, listBuilds, manifestPath, tensorflowFolder } from './engineFolder.ts'

it('counts a folder without its manifest as not there', () => {
  const home = mkdtempSync(join(tmpdir(), 'tandem-home-'))
  try {
    const folder = tensorflowFolder('cpu', home)
    mkdirSync(dirname(bindingPath(folder)), { recursive: true })
    writeFileSync(bindingPath(folder), '')
    expect(hasTensorflow('cpu', home)).toBe(false)
    writeFileSync(manifestPath(folder), '{}')
    expect([hasTensorflow('cpu', home), hasTensorflow('gpu', home)]).toEqual([true, false])
  } finally {
    rmSync(home, { recursive: true })
  }
})

describe('listBuilds', () => {
  const both = () => true
  it('puts the GPU build first only where a driver answers', () => {
    expect(listBuilds(both, () => true)).toEqual(['gpu', 'cpu'])
    expect(listBuilds(both, () => false)).toEqual(['cpu', 'gpu'])
  })

  it('lists only what is here', () => {
    expect(
      listBuilds(
        (build) => build === 'gpu',
        () => false,
      ),
    ).toEqual(['gpu'])
    expect(
      listBuilds(
        () => false,
        () => true,
      ),
    ).toEqual([])
  })
})
