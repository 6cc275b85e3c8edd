import { type Answer, ApiError, json } from '../answer.ts'
import type { EmulatedOrg } from '../org.ts'
import { type EmulatedRequest, jsonOf } from '../request.ts'
import { data, type Route } from '../route.ts'
import { executeAnonymous } from './anonymous.ts'
import type { TestRequest } from './test-request.ts'

/** What the Tooling API does besides rows and queries. */
export const toolingRoutes: readonly Route[] = [
  { method: 'POST', path: `${data}/tooling/runTestsAsynchronous`, handle: runTests },
  {
    method: 'GET',
    path: `${data}/tooling/executeAnonymous`,
    handle: (org, { query }) => json(executeAnonymous(org, query.get('anonymousBody') ?? '')),
  },
  { method: 'POST', path: `${data}/tooling/sandboxAuth`, handle: sandboxAuth },
]

/** The answer is the id alone, as a JSON string. */
function runTests(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const run = org.testRuns.start(jsonOf<TestRequest>(request), request.session?.userId ?? org.userId)
  return json(run.id)
}

/** A code with which the app of the caller gets a session in a sandbox that is complete. */
function sandboxAuth(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const { sandboxName, clientId, callbackUrl } = jsonOf<Record<string, string>>(request)
  if (!sandboxName || !clientId || !callbackUrl) {
    throw new ApiError(400, 'REQUIRED_FIELD_MISSING', 'sandboxName, clientId and callbackUrl are required')
  }
  const sandbox = org.sandboxes.orgNamed(sandboxName)
  const authCode = sandbox.sessions.makeCode({ userId: sandbox.userId, clientId })
  return json({ authUserName: sandbox.username, authCode, instanceUrl: sandbox.url, loginUrl: sandbox.url })
}
