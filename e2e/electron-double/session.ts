/** `session` and `protocol`: schemes, permissions, and what may leave the machine. Without handlers all is granted, as in Electron. */

type SchemeHandler = (request: Request) => Promise<Response> | Response
type BeforeRequest = (
  details: { url: string; method: string },
  answer: (decision: { cancel?: boolean }) => void,
) => void
type PermissionRequest = (contents: unknown, permission: string, answer: (granted: boolean) => void) => void

const schemes = new Map<string, SchemeHandler>()
let beforeRequest: BeforeRequest | undefined
let permissionRequest: PermissionRequest | undefined
let permissionCheck: ((contents: unknown, permission: string) => boolean) | undefined

export const protocol = {
  registerSchemesAsPrivileged: () => undefined,
  handle: (scheme: string, handler: SchemeHandler) => void schemes.set(scheme, handler),
}

export const session = {
  defaultSession: {
    setPermissionRequestHandler: (handler: PermissionRequest) => void (permissionRequest = handler),
    setPermissionCheckHandler: (handler: typeof permissionCheck) => void (permissionCheck = handler),
    webRequest: {
      onBeforeRequest: (listener: BeforeRequest) => void (beforeRequest = listener),
    },
  },
}

export function schemeHandler(url: string): SchemeHandler | undefined {
  return schemes.get(url.slice(0, url.indexOf(':')))
}

export async function mayRequest(url: string, method: string): Promise<boolean> {
  const { cancel } = await new Promise<{ cancel?: boolean }>((resolve) => {
    if (beforeRequest) beforeRequest({ url, method }, resolve)
    else resolve({})
  })
  return cancel !== true
}

/** Of Chromium's names, those that the app would grant. */
export async function grantedPermissions(names: readonly string[]): Promise<string[]> {
  const answers = names.map(async (name) => {
    const asked = await new Promise<boolean>((resolve) => {
      if (permissionRequest) permissionRequest(undefined, name, resolve)
      else resolve(true)
    })
    return asked && (permissionCheck?.(undefined, name) ?? true) ? [name] : []
  })
  return (await Promise.all(answers)).flat()
}
