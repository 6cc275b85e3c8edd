import { ApiError } from '../answer.ts'
import { textOf } from './archive.ts'
import { mainPathOf } from './components.ts'
import type { MetadataStore } from './store.ts'
import { parentOf } from './types.ts'
import { parseXml, recordIn, type XmlRecord } from './xml.ts'

const maxNames = 10

/** Components as the members of their XML; an empty one for a name that there is not. */
export function readMetadata(store: MetadataStore, type: string, fullNames: readonly string[]): XmlRecord[] {
  if (fullNames.length > maxNames) {
    throw new ApiError(
      400,
      'EXCEEDED_ID_LIMIT',
      `record limit reached. cannot submit more than ${maxNames} records in this call`,
    )
  }
  return fullNames.map((fullName) => {
    const xml = xmlOf(store, type, fullName)
    return xml === null ? {} : { ...xml, fullName }
  })
}

function xmlOf(store: MetadataStore, type: string, fullName: string): XmlRecord | null {
  const place = parentOf(type)
  if (place) {
    const child = store.childNamed(type, fullName)
    return child ? recordIn(parseXml(child.text), place.element) : null
  }
  const component = store.get(type, fullName)
  if (!component) return null
  const meta = [...component.files].find(([path]) => path.endsWith('-meta.xml'))
  const bytes = meta?.[1] ?? component.files.get(mainPathOf(component))
  return recordIn(parseXml(textOf(bytes ?? new Uint8Array())), type)
}
