/* The directories of an issuer, as store.h draws them. */
#ifndef FB_ISSUER_STOREDIR_H
#define FB_ISSUER_STOREDIR_H

#include <stdbool.h>

#include "base/diag.h"
#include "issuer/store.h"

#define PRIVATE    "private"
#define WELL_KNOWN "www/.well-known"

/* Opens store->private_dir and store->public_dir, in the directory store->path; `make`: after making what is missing. 0, or an exit status with a message that names the level, whose it is and what
 * to do; what is open then is the caller's to close with store_close() all the same. */
int store_directories(struct store *store, bool make, struct diag *diag);

#endif
