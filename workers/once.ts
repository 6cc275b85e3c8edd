/** Makes it when it is first asked for: most of what a task may have it never asks for, and all of it costs each start. */
export function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
