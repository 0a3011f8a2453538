/** The part of the WebAssembly API used here: TypeScript knows it only from its browser library, which this code does not load. */
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer | SharedArrayBuffer
  }
  interface Module {
    readonly [Symbol.toStringTag]: string
  }
  interface Instance {
    readonly exports: Record<string, (...numbers: number[]) => number>
  }
  const Memory: new (limits: { initial: number; maximum?: number; shared?: boolean }) => Memory
  const Module: new (bytes: Uint8Array) => Module
  const Instance: new (module: Module, imports: Record<string, Record<string, unknown>>) => Instance
  function validate(bytes: Uint8Array): boolean
}
