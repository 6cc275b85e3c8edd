/** A directory of the task that survives attempts: made when it is first asked for, on disk before a checkpoint is. */
export class Kept {
  readonly #path: string
  #isUsed = false

  constructor(path: string) {
    this.#path = path
  }

  open(): string {
    if (!this.#isUsed) fs().mkdirSync(this.#path, { recursive: true, mode: 0o700 })
    this.#isUsed = true
    return this.#path
  }

  /** Returns when everything in it is on disk; at once when this attempt has not asked for it. */
  sync(): void {
    if (!this.#isUsed) return
    syncTree(Buffer.from(this.#path))
    syncOne(`${this.#path}/..`)
  }
}

const slash = Buffer.from('/')

/** Paths are bytes, because a name need not be text. */
function syncTree(directory: Buffer): void {
  for (const entry of fs().readdirSync(directory, { withFileTypes: true, encoding: 'buffer' })) {
    const path = Buffer.concat([directory, slash, entry.name])
    if (entry.isDirectory()) syncTree(path)
    else if (entry.isFile()) syncOne(path)
  }
  syncOne(directory)
}

function syncOne(path: string | Buffer): void {
  const { closeSync, constants, fsyncSync, openSync } = fs()
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Not imported: the module that Node makes of it for an import costs each start 4 ms of CPU (measured). */
function fs() {
  return process.getBuiltinModule('node:fs')
}
