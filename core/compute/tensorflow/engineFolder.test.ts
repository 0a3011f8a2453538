import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bindingPath, hasTensorflow, listBuilds, manifestPath, tandemHome, tensorflowFolder } from './engineFolder.ts'

describe('tandemHome', () => {
  it('is the cache folder of the platform', () => {
    expect(tandemHome({}, 'linux', '/home/a')).toBe('/home/a/.cache/tandem-studio')
    expect(tandemHome({ XDG_CACHE_HOME: '/big' }, 'linux', '/home/a')).toBe('/big/tandem-studio')
    expect(tandemHome({}, 'darwin', '/Users/a')).toBe('/Users/a/Library/Caches/tandem-studio')
    expect(tandemHome({ LOCALAPPDATA: '/local' }, 'win32', '/users/a')).toBe('/local/tandem-studio')
  })

  it('is what TANDEM_HOME says, unless that is empty', () => {
    expect(tandemHome({ TANDEM_HOME: '/else', XDG_CACHE_HOME: '/big' }, 'linux', '/home/a')).toBe('/else')
    expect(tandemHome({ TANDEM_HOME: '', XDG_CACHE_HOME: '' }, 'linux', '/home/a')).toBe('/home/a/.cache/tandem-studio')
  })
})

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
