import { strToU8, zipSync } from 'fflate'

interface Manifest {
  readonly name: string
  readonly publisher: string
  readonly version: string
  readonly displayName: string
  readonly description: string
  readonly categories: readonly string[]
  readonly keywords: readonly string[]
  readonly engines: { readonly vscode: string }
  readonly extensionKind: readonly string[]
}

/** Files by their place in the extension. */
export type Files = Readonly<Record<string, string | Uint8Array>>

const types: Readonly<Record<string, string>> = {
  json: 'application/json',
  js: 'application/javascript',
  md: 'text/markdown',
  svg: 'image/svg+xml',
  txt: 'text/plain',
  vsixmanifest: 'text/xml',
}

/** An extension as editors install it: a zip with two pages that say what is in it. */
export function vsixOf(manifest: Manifest, files: Files): Uint8Array {
  const entries = Object.entries(files).map(([path, content]) => [`extension/${path}`, bytesOf(content)] as const)
  return zipSync({
    '[Content_Types].xml': strToU8(contentTypes()),
    'extension.vsixmanifest': strToU8(vsixManifest(manifest)),
    ...Object.fromEntries(entries),
  })
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? strToU8(content) : content
}

function contentTypes(): string {
  const lines = Object.entries(types).map(([end, type]) => `<Default Extension=".${end}" ContentType="${type}"/>`)
  return `<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${lines.join('')}</Types>
`
}

function vsixManifest(manifest: Manifest): string {
  const { name, publisher, version, displayName, description, categories, keywords, engines, extensionKind } = manifest
  const property = (id: string, value: string) =>
    `      <Property Id="Microsoft.VisualStudio.${id}" Value="${escaped(value)}"/>`
  return `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011" xmlns:d="http://schemas.microsoft.com/developer/vsx-schema-design/2011">
  <Metadata>
    <Identity Language="en-US" Id="${escaped(name)}" Version="${escaped(version)}" Publisher="${escaped(publisher)}"/>
    <DisplayName>${escaped(displayName)}</DisplayName>
    <Description xml:space="preserve">${escaped(description)}</Description>
    <Tags>${escaped([...keywords, '__web_extension'].join(','))}</Tags>
    <Categories>${escaped(categories.join(','))}</Categories>
    <GalleryFlags>Public</GalleryFlags>
    <Properties>
${property('Code.Engine', engines.vscode)}
${property('Code.ExtensionKind', [...extensionKind, 'web'].join(','))}
${property('Code.ExecutesCode', 'true')}
${property('Services.GitHubFlavoredMarkdown', 'true')}
    </Properties>
    <License>extension/LICENSE.txt</License>
  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code"/>
  </Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/README.md" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.License" Path="extension/LICENSE.txt" Addressable="true"/>
  </Assets>
</PackageManifest>
`
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? '')
}
