import type { Start } from '../src/protocol/messages.ts'
import type { TaskDefinition } from './author.ts'

/** The module of a kind. */
export interface Code {
  readonly default: Pick<TaskDefinition, 'run'> & Required<Pick<TaskDefinition, 'cleanup'>>
}

/** Linked, a program of ours has one. */
const requireHere: NodeJS.Require =
  typeof require === 'undefined'
    ? process.getBuiltinModule('node:module').createRequire(process.argv[1] as string)
    : require

/** Linked, a program of ours is one itself: to load `node:module` for that costs each task 0.4 ms of CPU (measured). */
const ModuleHere = (
  typeof module === 'undefined' ? process.getBuiltinModule('node:module').Module : module.constructor
) as new (
  path: string,
) => Evaluated

/**
 * Loads the module of a kind, by its path, and what is in it where that is known. `require` takes ECMAScript modules,
 * too, and what Node needs for it costs each start 0.5 ms of CPU less than what it needs for `import` (measured). What
 * Node has compiled for the one is not found by the other: whoever fills its cache must load in this way.
 */
export async function load(path: string, text?: string): Promise<Code> {
  try {
    const loaded: Code | Code['default'] = text === undefined ? requireHere(path) : evaluate(path, text)
    return isNamespace(loaded) ? loaded : { default: loaded }
  } catch (error) {
    if ((error as NodeJS.ErrnoException | null)?.code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error
    // It waits for something itself, which only `import` can.
    return import(process.getBuiltinModule('node:url').pathToFileURL(path).href)
  }
}

interface Evaluated extends NodeJS.Module {
  _compile(source: string, path: string, format: 'module'): void
}

/**
 * What Node does once it has found a module and read it, which takes half of the time (measured). It is no documented way,
 * but the one on which tools that compile at run time have relied since there are any.
 */
function evaluate(path: string, text: string): Code | Code['default'] {
  const evaluated = new ModuleHere(path)
  evaluated.filename = path
  evaluated._compile(text, path, 'module')
  evaluated.loaded = true
  // Whoever asks for it by its path has the same.
  requireHere.cache[path] = evaluated
  return evaluated.exports
}

/** What kept a kind from being loaded, for whoever wants it: of one that is gone Node says only which program of ours asked. */
export function whyNotLoaded(error: unknown, { kind, module }: Pick<Start, 'kind' | 'module'>): unknown {
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  const isMissing = code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND'
  if (!isMissing || module === '' || process.getBuiltinModule('node:fs').existsSync(module)) return error
  const remedy = `put ${module} back, or start the server again without this kind`
  const gone = new Error(`the module of the kind ${kind} is gone: ${remedy}`, { cause: error })
  return Object.assign(gone, { code: 'MODULE_NOT_FOUND' })
}

/** What a CommonJS module exports is no namespace. */
export function isNamespace(loaded: Code | Code['default']): loaded is Code {
  return (loaded as { readonly [Symbol.toStringTag]?: unknown } | null)?.[Symbol.toStringTag] === 'Module'
}
