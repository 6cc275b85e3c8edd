import { metadataRestRoutes } from './metadata/rest-routes.ts'
import { metadataSoapRoutes } from './metadata/soap-routes.ts'
import { oauthRoutes } from './oauth/routes.ts'
import { infoRoutes } from './rest/info.ts'
import type { Route } from './route.ts'

/** All that the emulator answers. The first route that fits wins. */
export const routes: readonly Route[] = [...oauthRoutes, ...infoRoutes, ...metadataSoapRoutes, ...metadataRestRoutes]
