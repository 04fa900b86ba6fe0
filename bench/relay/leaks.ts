/** Does a text hold an address of the simulated homes, as the devices spell it or in another common spelling? */

export function looksLeaky (text: string, planted: readonly string[]): boolean {
  return planted.some(spelling => text.includes(spelling))
}
