/** Modules that are started and not imported (workers, child processes): `.ts` in the source, `.js` in the built program. */

/** @param metaUrl import.meta.url of the caller @param name path from it without extension: `./worker` */
export function moduleBeside(metaUrl: string, name: string): URL {
  return new URL(name + metaUrl.slice(metaUrl.lastIndexOf('.')), metaUrl)
}
