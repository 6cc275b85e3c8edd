/** Does this for each of them, so many at once. The first error is thrown at once, and no further one is begun. */
export async function inLanes<T>(
  items: Iterable<T> | AsyncIterable<T>,
  lanes: number,
  each: (item: T) => Promise<void>,
): Promise<void> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  let isOver = false
  const lane = async () => {
    try {
      while (!isOver) {
        const next = await source.next()
        if (next.done) return
        await each(next.value)
      }
    } catch (error) {
      isOver = true
      throw error
    }
  }
  try {
    await Promise.all(Array.from({ length: lanes }, lane))
  } finally {
    isOver = true
    await source.return?.()
  }
}
