/** SQL condition: 64 hexadecimal digits, or null. */
export function sha256(column: string): string {
  return `CHECK (length(${column}) = 64 AND ${column} NOT GLOB '*[^0-9a-f]*')`
}
