import { createHash } from 'node:crypto'
import type { FieldDraft } from './define.ts'
import type { Row, RowStore, Value } from './store.ts'

const fixed = { createable: false, updateable: false } as const
const parent = ['Account', 'Contact', 'Case', 'Opportunity', 'Lead', 'Task', 'Campaign', 'Asset', 'Contract', 'Order']
const size: FieldDraft = { type: 'int', ...fixed }

/** Files in their three generations: documents in folders, attachments of rows, and versions of content. */
export function defineFileObjects(rows: RowStore): void {
  rows.define(
    'Document',
    {
      Name: { type: 'string', required: true },
      DeveloperName: 'string',
      FolderId: { type: 'reference', referenceTo: ['User'], required: true },
      ContentType: 'string',
      Type: 'string',
      Body: 'base64',
      BodyLength: size,
    },
    { keyPrefix: '015' },
  )
  rows.define(
    'Attachment',
    {
      Name: { type: 'string', required: true },
      ParentId: { type: 'reference', referenceTo: parent, required: true, cascade: true, updateable: false },
      ContentType: 'string',
      Description: 'string',
      Body: { type: 'base64', required: true },
      BodyLength: size,
    },
    { keyPrefix: '00P', owned: true },
  )
  rows.define(
    'ContentDocument',
    {
      Title: { type: 'string', ...fixed },
      FileType: { type: 'string', ...fixed },
      FileExtension: { type: 'string', ...fixed },
      ContentSize: size,
      LatestPublishedVersionId: { type: 'reference', referenceTo: ['ContentVersion'], ...fixed },
    },
    { keyPrefix: '069', owned: true, createable: false },
  )
  rows.define(
    'ContentVersion',
    {
      ContentDocumentId: { type: 'reference', referenceTo: ['ContentDocument'], cascade: true, updateable: false },
      Title: 'string',
      PathOnClient: { type: 'string', required: true, updateable: false },
      FirstPublishLocationId: { type: 'reference', referenceTo: ['User', ...parent], updateable: false },
      Description: 'textarea',
      VersionNumber: { type: 'string', ...fixed },
      IsLatest: { type: 'boolean', ...fixed },
      FileType: { type: 'string', ...fixed },
      FileExtension: { type: 'string', ...fixed },
      ContentSize: size,
      Checksum: { type: 'string', ...fixed },
      VersionData: { type: 'base64', required: true },
    },
    { keyPrefix: '068', owned: true, deletable: false },
  )
  rows.define(
    'ContentDocumentLink',
    {
      ContentDocumentId: {
        type: 'reference',
        referenceTo: ['ContentDocument'],
        required: true,
        cascade: true,
        updateable: false,
      },
      LinkedEntityId: {
        type: 'reference',
        referenceTo: ['User', 'Group', 'Organization', ...parent],
        required: true,
        updateable: false,
      },
      ShareType: { type: 'picklist', defaultValue: 'V' },
      Visibility: { type: 'picklist', defaultValue: 'AllUsers' },
    },
    { keyPrefix: '06A', filterBy: ['ContentDocumentId', 'LinkedEntityId', 'Id'] },
  )
  for (const object of ['Document', 'Attachment']) {
    rows.hook(object, { derived: ({ Body }) => ({ BodyLength: bytesOf(Body) }) })
  }
  rows.hook('ContentVersion', { derived: (row) => metaOf(row), inserted: (row) => publish(rows, row) })
}

function metaOf({ Title, PathOnClient, VersionData }: Row): Record<string, Value> {
  const file = String(PathOnClient ?? '')
  const extension = /\.(\w+)$/.exec(file)?.[1] ?? ''
  const checksum = Buffer.isBuffer(VersionData) ? createHash('md5').update(VersionData).digest('hex') : null
  return {
    Title: Title ?? file.replace(/\.\w+$/, ''),
    FileExtension: extension,
    FileType: extension.toUpperCase() || 'UNKNOWN',
    ContentSize: bytesOf(VersionData),
    Checksum: checksum,
  }
}

/** The first version of a file makes its document; a further one becomes the latest. */
function publish(rows: RowStore, version: Row): void {
  const { Title, FileType, FileExtension, ContentSize, OwnerId, CreatedById } = version
  const by = String(CreatedById)
  const shown = { Title, FileType, FileExtension, ContentSize, LatestPublishedVersionId: version.Id } as Record<
    string,
    Value
  >
  const known =
    typeof version.ContentDocumentId === 'string' ? rows.get('ContentDocument', version.ContentDocumentId) : null
  const document = known?.Id ?? rows.insert('ContentDocument', { ...shown, OwnerId: OwnerId ?? null }, by)
  if (known) rows.update('ContentDocument', known.Id, shown, by)
  const before = rows.lookup('ContentVersion', 'ContentDocumentId', document).filter(({ Id }) => Id !== version.Id)
  for (const { Id, IsLatest } of before) if (IsLatest) rows.update('ContentVersion', Id, { IsLatest: false }, by)
  const number = String(before.length + 1)
  rows.update('ContentVersion', version.Id, { ContentDocumentId: document, IsLatest: true, VersionNumber: number }, by)
  if (known) return
  const places = new Set([OwnerId, version.FirstPublishLocationId].filter((place) => typeof place === 'string'))
  for (const place of places) {
    const ShareType = place === OwnerId ? 'I' : 'V'
    rows.insert('ContentDocumentLink', { ContentDocumentId: document, LinkedEntityId: place, ShareType }, by)
  }
}

function bytesOf(value: Value | undefined): number {
  return Buffer.isBuffer(value) ? value.length : 0
}
