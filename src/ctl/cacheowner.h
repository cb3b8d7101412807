/* SPDX-License-Identifier: MIT */
/* bearerctl run by root works on the workers' cache as the workers' user. */
#ifndef FB_CTL_CACHEOWNER_H
#define FB_CTL_CACHEOWNER_H

#include <stdbool.h>

#include "base/diag.h"
#include "config/config.h"
#include "ctl/users.h"

/* For root: whose word the configuration is. True if a file is found, or lies, where nobody but its
 * program's owner, another user than root, may write it beside root: then root is not to do what it
 * says, and *owner is that user. */
bool configowner_find(const struct config_origin *origin, struct user *owner);

/* Root becomes that user, if there is one, and says so on standard error, with `program`; the
 * environment no longer says where root's home is. Before the configuration is read. False with a
 * message in `diag`: do not go on. */
bool configowner_become(const struct config_origin *origin, const char *program, struct diag *diag);

/* As root, gives up root for good and becomes the owner of the directory at `path` (following no
 * link), before any file in it is touched. Nothing happens if we are not root, there is no such
 * directory, or its owner is root. False with a message in `diag`: something is wrong, do not go
 * on. */
bool cacheowner_become(const char *path, struct diag *diag);

#endif
