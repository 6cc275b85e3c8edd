/**
 * What the demo shows of Salesforce: tasks on an emulated org. The emulator belongs to the tests of a checkout; where it
 * is not there, as in the package, the demo does without.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { zipSync } from 'fflate'
import type { Mayfly } from '../../client/client.ts'
import type { TaskRequest } from '../../contract/request.ts'

const emulatorModule = new URL('../../../test/emulator/emulator.ts', import.meta.url)
const sampleModule = new URL('../../../test/emulator/sample.ts', import.meta.url)
const alias = 'demo'
/** Between looks at the org, so that there is something to see. */
const pollSeconds = 0.5

interface Emulator {
  org(name: string): { login(kind: 'refreshToken'): string }
  close(): Promise<void>
}

export class DemoSalesforce {
  readonly #emulator: Emulator

  private constructor(emulator: Emulator) {
    this.#emulator = emulator
  }

  /** Undefined where there is no emulator, or nothing that it needs. */
  static async start(): Promise<DemoSalesforce | undefined> {
    if (!existsSync(fileURLToPath(emulatorModule))) return undefined
    try {
      const { startEmulator } = await import(emulatorModule.href)
      const { addSampleData } = await import(sampleModule.href)
      const emulator = await startEmulator({ orgs: [{ name: alias }] })
      addSampleData(emulator.org(alias))
      return new DemoSalesforce(emulator)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined
      throw error
    }
  }

  /** Stores how to log in to the org, and returns what is to be done there. */
  async prepare(client: Mayfly): Promise<readonly TaskRequest[]> {
    const login = this.#emulator.org(alias).login('refreshToken')
    await client.secrets.put(`org/${alias}/login`, new TextEncoder().encode(login))
    const { id: upload } = await client.uploads.add(new Uint8Array(zipSync(project)))
    const common = { org: alias, pollSeconds }
    return [
      { kind: 'deploy.run', input: { ...common, upload, testLevel: 'RunLocalTests' } },
      { kind: 'bulk.query', input: { ...common, soql: 'SELECT Id, Name, Industry FROM Account' } },
      { kind: 'org.backup', input: common },
    ]
  }

  /** What went wrong there has been told by the tasks. */
  async stop(): Promise<void> {
    await this.#emulator.close().catch(() => undefined)
  }
}

const meta = `<?xml version="1.0" encoding="UTF-8"?>
<ApexClass xmlns="http://soap.sforce.com/2006/04/metadata"><apiVersion>62.0</apiVersion><status>Active</status></ApexClass>
`

const files = {
  'sfdx-project.json': JSON.stringify({ packageDirectories: [{ path: 'app' }], sourceApiVersion: '62.0' }),
  'app/classes/Greeter.cls':
    "public with sharing class Greeter {\n  public String greet() {\n    return 'Hello';\n  }\n}\n",
  'app/classes/Greeter.cls-meta.xml': meta,
  'app/classes/GreeterTest.cls':
    "@IsTest\nprivate class GreeterTest {\n  @IsTest\n  static void greets() {\n    Assert.areEqual('Hello', new Greeter().greet());\n  }\n}\n",
  'app/classes/GreeterTest.cls-meta.xml': meta,
}

const project = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)]))
