import { describe, expect, it } from 'vitest'
import { tandemHome } from './tandemHome.ts'

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
