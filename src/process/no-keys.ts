import { rmSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'

/** Calls of a kind of program, by the number that the kernel knows that by; all the machines that there are. */
const calls = [
  // x86-64, and the same with short pointers
  { kind: 0xc000_003e, first: 248, last: 250 },
  { kind: 0xc000_003e, first: 0x4000_00f8, last: 0x4000_00fa },
  // i386, arm64, arm
  { kind: 0x4000_0003, first: 286, last: 288 },
  { kind: 0xc000_00b7, first: 217, last: 219 },
  { kind: 0x4000_0028, first: 309, last: 311 },
] as const

/** Of `struct seccomp_data`. */
const offset = { call: 0, kind: 4 } as const
/** Instructions of the kernel's filters, and how they end. */
const LOAD = 0x20
const JUMP_IF_EQUAL = 0x15
const JUMP_IF_ABOVE = 0x25
const JUMP_IF_NOT_BELOW = 0x35
const RETURN = 0x06
const ALLOW = 0x7fff_0000
const ERROR = 0x0005_0000

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number]

/**
 * Writes what keeps a worker from the kernel's keyrings (`add_key`, `request_key`, `keyctl`): it has those of whoever
 * started the server otherwise, with the keys in them, and could leave keys to whoever comes after it. To programs they are
 * not there, as on a kernel without them. A filter for bwrap, which reads it from a descriptor.
 */
export function writeNoKeys(path: string): void {
  const program = [...calls.flatMap(refusing), [RETURN, 0, 0, ALLOW] as const]
  const bytes = Buffer.alloc(program.length * 8)
  for (const [at, [code, ifTrue, ifFalse, value]] of program.entries()) {
    const where = at * 8
    // As the machines above have it.
    bytes.writeUInt16LE(code, where)
    bytes.writeUInt8(ifTrue, where + 2)
    bytes.writeUInt8(ifFalse, where + 3)
    bytes.writeUInt32LE(value, where + 4)
  }
  // Of an earlier start, which nobody may write to.
  rmSync(path, { force: true })
  writeFileSync(path, bytes, { mode: 0o444 })
}

/** Goes on behind it with every other call. */
function refusing({ kind, first, last }: (typeof calls)[number]): readonly Instruction[] {
  return [
    [LOAD, 0, 0, offset.kind],
    [JUMP_IF_EQUAL, 0, 4, kind],
    [LOAD, 0, 0, offset.call],
    [JUMP_IF_NOT_BELOW, 0, 2, first],
    [JUMP_IF_ABOVE, 1, 0, last],
    [RETURN, 0, 0, ERROR | constants.errno.ENOSYS],
  ]
}
