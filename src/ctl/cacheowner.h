/* bearerctl run by root works on the workers' cache as the workers' user. */
#ifndef CTL_CACHEOWNER_H
#define CTL_CACHEOWNER_H

#include <stdbool.h>

#include "diag.h"

/* As root, gives up root for good and becomes the owner of the directory at `path` (following no link), before any file in it is touched. Nothing happens if we
 * are not root, there is no such directory, or its owner is root. False with a message in `diag`: something is wrong, do not go on. */
bool cacheowner_become(const char *path, struct diag *diag);

#endif
