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
    return { declare: (declaration) => cleanly(library.func(declaration)), errno: () => koffi.errno() }
  } catch {
    return undefined
  }
}

/**
 * What is called runs on a stack that is kept for such calls alone. When a signal comes meanwhile, the kernel lays the
 * registers down there, and they hold the end of what was copied or encoded last, a secret perhaps (measured: it stayed
 * there for good). So zeros were last.
 */
function cleanly<A extends readonly unknown[]>(call: (...args: A) => number): (...args: A) => number {
  const copied = Buffer.alloc(passing.length)
  return (...args) => {
    copied.set(passing)
    passing.toString('base64')
    return call(...args)
  }
}

/** So long that a copy passes through all registers that copies use, and yet not so long that the processor does it alone. */
const passing = Buffer.alloc(1024)
