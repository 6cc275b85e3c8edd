import { Refusal } from '../../task/errors.ts'

const longestShownCharacters = 100

/** For whoever wants to use an upload that its tenant does not have. */
export function unknownUpload(id: string): Refusal {
  const what = `there is no upload ${id.slice(0, longestShownCharacters)}`
  return new Refusal('INVALID_INPUT', `${what}: send the file to /v1/uploads first, and use the id that comes back`)
}
