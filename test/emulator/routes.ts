import { ingestJobRoutes } from './bulk/ingest-jobs.ts'
import { queryJobRoutes } from './bulk/query-jobs.ts'
import { metadataRestRoutes } from './metadata/rest-routes.ts'
import { metadataSoapRoutes } from './metadata/soap-routes.ts'
import { oauthRoutes } from './oauth/routes.ts'
import { changeRoutes } from './rest/changes.ts'
import { collectionRoutes } from './rest/collections.ts'
import { describeRoutes } from './rest/describe.ts'
import { infoRoutes } from './rest/info.ts'
import { queryRoutes } from './rest/query.ts'
import { sobjectRoutes } from './rest/sobjects.ts'
import { undeleteRoutes } from './rest/undelete.ts'
import type { Route } from './route.ts'
import { toolingRoutes } from './tooling/routes.ts'

/** All that the emulator answers. The first route that fits wins. */
export const routes: readonly Route[] = [
  ...oauthRoutes,
  ...infoRoutes,
  ...queryRoutes,
  ...describeRoutes,
  ...changeRoutes,
  ...collectionRoutes,
  ...undeleteRoutes,
  ...queryJobRoutes,
  ...ingestJobRoutes,
  ...metadataSoapRoutes,
  ...metadataRestRoutes,
  ...toolingRoutes,
  ...sobjectRoutes,
]
