/** `BrowserWindow` and its `webContents`: a page of Chromium, with every request and every way out going through the app's own handlers. */
import type { Frame, Page, Request as PageRequest, Route } from '@playwright/test'
import { EventEmitter } from 'node:events'
import { randomBytes } from 'node:crypto'
import { fromBrowser, toBrowser } from './addresses.ts'
import { app } from './app.ts'
import { openBrowser } from './browser.ts'
import { invoke } from './ipcMain.ts'
import { pack, unpack } from './plainData.ts'
import { loadPreload } from './preloadCode.ts'
import { runPreload } from './preloadRunner.ts'
import { grantedPermissions, mayRequest, schemeHandler } from './session.ts'

interface Options {
  readonly x?: number
  readonly y?: number
  readonly width?: number
  readonly height?: number
  readonly webPreferences?: { readonly preload?: string }
}
type Bounds = Required<Omit<Options, 'webPreferences'>>
type OpenHandler = (details: { url: string }) => { action: 'allow' | 'deny' }

const permissions = ['notifications', 'geolocation', 'camera', 'microphone', 'clipboard-read', 'midi']

class WebContents extends EventEmitter {
  readonly mainFrame = { url: '' }
  openHandler: OpenHandler = () => ({ action: 'allow' })
  tell: (channel: string, ...args: unknown[]) => void = () => undefined

  send(channel: string, ...args: unknown[]): void {
    this.tell(channel, ...args)
  }
  setWindowOpenHandler(handler: OpenHandler): void {
    this.openHandler = handler
  }
  getURL(): string {
    return this.mainFrame.url
  }
}

export class BrowserWindow extends EventEmitter {
  static readonly #all = new Set<BrowserWindow>()
  static getAllWindows(): BrowserWindow[] {
    return [...BrowserWindow.#all]
  }

  readonly webContents = new WebContents()
  #bounds: Bounds
  progress = -1
  readonly #key = `_${randomBytes(8).toString('hex')}`
  readonly #page: Promise<Page>
  #visible = false
  #maximized = false
  #destroyed = false
  #loading = false

  constructor(options: Options = {}) {
    super()
    const { x = 0, y = 0, width = 800, height = 600 } = options
    this.#bounds = { x, y, width, height }
    BrowserWindow.#all.add(this)
    app.emit('web-contents-created', {}, this.webContents)
    app.closing.on('close', (event: object) => this.emit('close', event))
    this.#page = this.#openPage(options)
  }

  async loadURL(url: string): Promise<void> {
    const page = await this.#page
    this.#loading = true
    await page.goto(toBrowser(url))
    this.#loading = false
    this.emit('ready-to-show')
  }

  /** Asks listeners of `close` first, as a click on the window's button does. */
  close(): void {
    let prevented = false
    this.emit('close', { preventDefault: () => (prevented = true) })
    if (!prevented) void this.#destroy()
  }

  isDestroyed = () => this.#destroyed
  isVisible = () => this.#visible
  isMinimized = () => false
  isMaximized = () => this.#maximized
  show = () => void (this.#visible = true)
  hide = () => void (this.#visible = false)
  maximize = () => void (this.#maximized = true)
  restore = () => undefined
  focus = () => undefined
  setProgressBar = (progress: number) => void (this.progress = progress)
  getNormalBounds = () => this.#bounds
  setBounds = (bounds: Partial<Bounds>) => void (this.#bounds = { ...this.#bounds, ...bounds })

  async #destroy(): Promise<void> {
    this.#destroyed = true
    BrowserWindow.#all.delete(this)
    await (await this.#page).close()
    this.emit('closed')
    if (BrowserWindow.#all.size === 0 && !app.emit('window-all-closed')) app.quit()
  }

  async #openPage({ webPreferences }: Options): Promise<Page> {
    const { context } = await openBrowser()
    const [first] = context.pages()
    const page = first?.url() === 'about:blank' ? first : await context.newPage()
    await context.grantPermissions(await grantedPermissions(permissions))
    await page.route('**/*', (route, request) => this.#answer(page, route, request))
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame()) this.webContents.mainFrame.url = fromBrowser(frame.url())
    })
    await page.exposeBinding(`${this.#key}Call`, ({ frame }, message: string) => this.#hear(page, frame, message))
    const { preload } = webPreferences ?? {}
    if (preload !== undefined)
      await page.addInitScript(runPreload, { code: await loadPreload(preload), key: this.#key })
    this.webContents.tell = (channel, ...args) => {
      const told = { key: `${this.#key}Tell`, channel, packed: pack(args) }
      // A page that is gone or loading misses what is told meanwhile, as in Electron.
      page
        .evaluate(({ key, ...message }) => {
          const tell = Reflect.get(window, key) as ((channel: string, packed: string) => void) | undefined
          tell?.(message.channel, message.packed)
        }, told)
        .catch(() => undefined)
    }
    return page
  }

  async #hear(page: Page, frame: Frame, message: string): Promise<string> {
    const { channel, args, opening } = unpack(message) as { channel: string; args: unknown[]; opening?: string }
    if (opening !== undefined) return pack({ value: this.webContents.openHandler({ url: opening }).action === 'allow' })
    const { mainFrame } = this.webContents
    const senderFrame = frame === page.mainFrame() ? mainFrame : { url: fromBrowser(frame.url()) }
    try {
      return pack({ value: await invoke(channel, { sender: this.webContents, senderFrame }, args) })
    } catch (error) {
      return pack({ error: `Error invoking remote method '${channel}': ${String(error)}` })
    }
  }

  async #answer(page: Page, route: Route, request: PageRequest): Promise<void> {
    const url = fromBrowser(request.url())
    if (request.isNavigationRequest() && request.frame() === page.mainFrame() && !this.#loading) {
      let prevented = false
      this.webContents.emit('will-navigate', { url, preventDefault: () => (prevented = true) })
      if (prevented) return route.abort('aborted')
    }
    if (!(await mayRequest(url, request.method()))) return route.abort('blockedbyclient')
    const handler = schemeHandler(url)
    if (handler === undefined) return route.continue()
    const body = request.postDataBuffer()
    const response = await handler(
      new Request(url, {
        method: request.method(),
        headers: request.headers(),
        body: body ? new Uint8Array(body) : null,
      }),
    )
    return route.fulfill({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: Buffer.from(await response.arrayBuffer()),
    })
  }
}
