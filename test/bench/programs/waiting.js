import { readSync, writeSync } from 'node:fs'

writeSync(1, 'here')
readSync(0, new Uint8Array(1))
