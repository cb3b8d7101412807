/* SPDX-License-Identifier: MIT */
/* What bearerctl refresh fetches over HTTPS, for renewal_run(). */
#ifndef FB_CTL_REFRESH_FETCHED_H
#define FB_CTL_REFRESH_FETCHED_H

#include "config/config.h"
#include "ctl/fetch/fetch.h"
#include "ctl/fetch/keysource.h"
#include "keys/renewal.h"

struct json_object;

/* What a fetch leaves behind until its keys are stored. */
struct fetched {
    const struct config *config;
    struct keysource source;
    struct json_object *jwks;
    struct fetch_response response;
};
void fetched_clear(struct fetched *fetched); /* for CLEANUP() */

/* The fetch of a renewal, whose `context` is a struct fetched with a configuration. */
enum renewal_result fetched_keys(void *context, const struct cached *old,
                                 struct renewal_document *document, struct diag *diag);

#endif
