import { json } from '../answer.ts'
import type { EmulatedOrg } from '../org.ts'
import type { EmulatedRequest } from '../request.ts'
import { data, type Route } from '../route.ts'
import type { Field, ObjectDefinition } from '../rows/define.ts'
import { apiOf, baseOf, objectInPath } from './api.ts'

const described: readonly Route[] = [
  { method: 'GET', path: '/sobjects', handle: (org, request) => json(globalDescribe(org, request)) },
  {
    method: 'GET',
    path: '/sobjects/:object/describe',
    handle: (org, request) => json(describe(org, objectInPath(org, request), baseOf(request))),
  },
  {
    method: 'GET',
    path: '/sobjects/:object',
    handle: (org, request) => {
      return json({ objectDescribe: summaryOf(objectInPath(org, request), baseOf(request)), recentItems: [] })
    },
  },
]

/** Which objects there are, and what they consist of. */
export const describeRoutes: readonly Route[] = ['', '/tooling'].flatMap((prefix) =>
  described.map((route) => ({ ...route, path: `${data}${prefix}${route.path}` })),
)

function globalDescribe(org: EmulatedOrg, request: EmulatedRequest): unknown {
  const api = apiOf(request)
  const seen = org.rows.definitions().filter((one) => one.api === 'both' || one.api === api)
  return { encoding: 'UTF-8', maxBatchSize: 200, sobjects: seen.map((one) => summaryOf(one, baseOf(request))) }
}

function summaryOf(object: ObjectDefinition, base: string): Record<string, unknown> {
  const { name, label, keyPrefix, createable, updateable, deletable, queryable, fields } = object
  const url = `${base}/sobjects/${name}`
  return {
    name,
    label,
    labelPlural: `${label}s`,
    keyPrefix,
    createable,
    updateable,
    deletable,
    undeletable: deletable,
    queryable,
    retrieveable: queryable,
    replicateable: fields.has('SystemModstamp'),
    searchable: true,
    layoutable: true,
    triggerable: true,
    mergeable: false,
    activateable: false,
    custom: name.endsWith('__c'),
    customSetting: false,
    deprecatedAndHidden: false,
    feedEnabled: false,
    hasSubtypes: false,
    isInterface: false,
    isSubtype: false,
    urls: { sobject: url, describe: `${url}/describe`, rowTemplate: `${url}/{ID}` },
  }
}

function describe(org: EmulatedOrg, object: ObjectDefinition, base: string): unknown {
  return {
    ...summaryOf(object, base),
    fields: [...object.fields.values()].map(fieldDescribe),
    childRelationships: childrenOf(org, object),
    recordTypeInfos: [],
  }
}

function fieldDescribe(field: Field): Record<string, unknown> {
  const { name, label, type, length, required, createable, updateable, unique, externalId } = field
  const isCompound = type === 'address' || type === 'location'
  return {
    name,
    label,
    type,
    soapType: soapTypes[type] ?? 'xsd:string',
    length,
    byteLength: length * 3,
    nillable: !(required || type === 'id' || type === 'boolean' || isStamp(name)),
    createable,
    updateable,
    defaultedOnCreate: !required && (type === 'boolean' || field.defaultValue !== null || name === 'OwnerId'),
    defaultValue: field.defaultValue,
    calculated: field.calculated,
    autoNumber: field.autoNumber,
    unique,
    externalId,
    idLookup: type === 'id' || externalId,
    nameField: name === 'Name',
    custom: name.endsWith('__c'),
    filterable: type !== 'base64' && type !== 'textarea' && !isCompound,
    sortable: type !== 'base64' && type !== 'textarea' && !isCompound,
    groupable: !['base64', 'textarea', 'double', 'currency', 'datetime'].includes(type) && !isCompound,
    aggregatable: type !== 'base64' && !isCompound,
    referenceTo: field.referenceTo,
    relationshipName: field.relationshipName,
    relationshipOrder: field.cascade ? 0 : null,
    writeRequiresMasterRead: false,
    cascadeDelete: field.cascade,
    restrictedDelete: false,
    polymorphicForeignKey: field.referenceTo.length > 1,
    compoundFieldName: null,
    deprecatedAndHidden: false,
    picklistValues: field.picklistValues.map((value) => ({ value, label: value, active: true, defaultValue: false })),
  }
}

const soapTypes: Partial<Record<Field['type'], string>> = {
  id: 'tns:ID',
  reference: 'tns:ID',
  boolean: 'xsd:boolean',
  int: 'xsd:int',
  double: 'xsd:double',
  currency: 'xsd:double',
  percent: 'xsd:double',
  date: 'xsd:date',
  datetime: 'xsd:dateTime',
  base64: 'xsd:base64Binary',
  address: 'urn:address',
  location: 'urn:location',
}

function isStamp(name: string): boolean {
  return /^(Created|LastModified|SystemModstamp)/.test(name) || name === 'OwnerId'
}

function childrenOf(org: EmulatedOrg, { name: parent }: ObjectDefinition): unknown[] {
  return org.rows.definitions().flatMap(({ name: childSObject, fields }) =>
    [...fields.values()]
      .filter(({ referenceTo }) => referenceTo.includes(parent))
      .map(({ name: field, cascade }) => ({
        childSObject,
        field,
        cascadeDelete: cascade,
        restrictedDelete: false,
        deprecatedAndHidden: false,
        relationshipName: isStamp(field)
          ? null
          : `${childSObject.replace(/__c$/, '')}s${childSObject.endsWith('__c') ? '__r' : ''}`,
      })),
  )
}
