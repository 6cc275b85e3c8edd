import { createRequire } from 'node:module'

type Koffi = typeof import('koffi')

/** Functions of the system's C library that Node does not pass on. */
export interface CLibrary {
  /** The function of this declaration, in the words of C; throws where the library has none of this name. */
  declare<A extends readonly unknown[]>(declaration: string): (...args: A) => number
  /** What went wrong with the last call that said so. */
  errno(): number
}

/** The one that Node itself runs with. Undefined on other systems than Linux, and where what calls it has no binary. */
export function openCLibrary(): CLibrary | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    const koffi = createRequire(import.meta.url)('koffi') as Koffi
    const library = koffi.load(null)
    return { declare: (declaration) => library.func(declaration), errno: () => koffi.errno() }
  } catch {
    return undefined
  }
}
