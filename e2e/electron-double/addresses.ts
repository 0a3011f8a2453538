/** Chromium does not know schemes of an app's own; a name under localhost stands for each. */
const NAMED = /^http:\/\/([^/]+)\.app\.localhost(?=\/|$)/

/** app://studio/x -> http://studio.app.localhost/x */
export function toBrowser(url: string): string {
  return url.replace(/^app:\/\/([^/]+)/, 'http://$1.app.localhost')
}

export function fromBrowser(url: string): string {
  return url.replace(NAMED, 'app://$1')
}
