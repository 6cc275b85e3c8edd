/** Prints its secret past whatever its worker masks: straight to the descriptors, in pieces of all sizes, and in floods. */
import { writeSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

const floodBytes = 256 * 1024
const raw = Buffer.from(process.env.SECRET)
const forms = [raw, Buffer.from(raw.toString('base64')), Buffer.from(raw.toString('hex'))]

function write(fd, bytes) {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
}

async function writeInPieces(fd, form) {
  const head = form.subarray(0, 200)
  for (let at = 0; at < head.length; at += 5) {
    write(fd, head.subarray(at, at + 5))
    await pause(1)
  }
  write(fd, form.subarray(200))
  write(fd, Buffer.from('\n'))
}

for (const fd of [1, 2]) {
  for (const form of forms) {
    await writeInPieces(fd, form)
    const line = Buffer.concat([form, Buffer.from('\n')])
    for (let written = 0; written < floodBytes; written += line.length) write(fd, line)
  }
}
