import { randomBytes } from 'node:crypto'
import { v7 } from 'uuid'

/** A UUIDv7: sorts by time, so the newest task is the last. */
export function newTaskId(): string {
  return v7()
}

/** 128 random bits as base64url: a worker's name from birth, its marker in /proc and the name of its workspace. */
export function newWorkerId(): string {
  return randomBytes(16).toString('base64url')
}
