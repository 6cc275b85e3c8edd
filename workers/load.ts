import type { TaskDefinition } from './author.ts'

/** The module of a kind. */
export interface Code {
  readonly default: Pick<TaskDefinition, 'run'> & Required<Pick<TaskDefinition, 'cleanup'>>
}

/**
 * Loads the module of a kind, by its path. `require` also takes ECMAScript modules, and what Node needs for it costs each
 * start 0.5 ms of CPU less than for `import` (measured); only the linked worker has it.
 */
export async function load(path: string): Promise<Code> {
  if (typeof require === 'undefined') return importFrom(path)
  try {
    const loaded: Code | Code['default'] = require(path)
    return isNamespace(loaded) ? loaded : { default: loaded }
  } catch (error) {
    // It waits for something itself, which only `import` can.
    if ((error as NodeJS.ErrnoException)?.code === 'ERR_REQUIRE_ASYNC_MODULE') return importFrom(path)
    throw error
  }
}

/** Of a CommonJS module it is what that exports. */
function isNamespace(loaded: Code | Code['default']): loaded is Code {
  return (loaded as { readonly [Symbol.toStringTag]?: unknown })?.[Symbol.toStringTag] === 'Module'
}

function importFrom(path: string): Promise<Code> {
  return import(process.getBuiltinModule('node:url').pathToFileURL(path).href)
}
