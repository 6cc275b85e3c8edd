/**
 * Makes what a task prints leave the process before the next line of code runs: through a pipe Node writes in the
 * background, and an exit would lose what is still waiting (measured: all but the first 6 KB of a large output).
 */
export function keepOutputWhole(): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const original = Object.getOwnPropertyDescriptor(process, name)?.get
    if (!original) continue
    const open = once(() => block(original.call(process) as Handled))
    Object.defineProperty(process, name, { configurable: true, enumerable: true, get: open })
  }
}

/** A stream over a libuv handle. */
interface Handled {
  readonly _handle?: { setBlocking?(blocking: boolean): void }
}

function block(stream: Handled): Handled {
  stream._handle?.setBlocking?.(true)
  return stream
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
