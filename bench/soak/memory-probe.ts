/** Loaded into a gateway with `--import` and `--expose-gc`: says, when asked over the process channel, what its memory holds after a collection. */

export interface Memory {
  readonly rssBytes: number
  readonly heapBytes: number
}

process.on('message', () => {
  // the second one takes what the first one's finalizers let go
  for (let i = 0; i < 2; i++) globalThis.gc?.()
  const { rss: rssBytes, heapUsed: heapBytes } = process.memoryUsage()
  process.send?.({ rssBytes, heapBytes } satisfies Memory)
})
process.channel?.unref()
