/* SPDX-License-Identifier: MIT */
/* One HTTPS GET of a document. */
#ifndef FB_CTL_FETCH_FETCH_H
#define FB_CTL_FETCH_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/diag.h"
#include "ctl/fetch/cause.h"

#define FETCH_BODY_MAX (1024 * 1024) /* bytes */

struct fetch_request {
    /* https:// */
    const char *url;
    /* NULL: the system's, wherever it keeps them */
    const char *ca_file;
    /* who may own it beside root and us; (uid_t)-1: nobody */
    uid_t ca_owner;
    /* NULL: none; the environment's are never used */
    const char *proxy;
    /* makes it conditional (RFC 9110, section 13.1); NULL: not */
    const char *etag;
    /* likewise */
    const char *last_modified;
};

enum fetch_result { FETCH_FAILED = 0, FETCH_OK, FETCH_NOT_MODIFIED };

struct fetch_response {
    /* set with FETCH_OK; NUL-terminated */
    char *body;
    size_t length;
    /* printable; empty: none, or too long to keep */
    char etag[256];
    char last_modified[64];
    /* the server's clock, seconds since 1970 (of a cached answer: Date and Age together); -1: it
     * did not say */
    int64_t date;
    /* seconds; RFC 9111, section 5.1 */
    int64_t age;
    /* with FETCH_FAILED */
    enum cause cause;
};

/* Fetches `request->url`: HTTPS only, certificate and name verified, no redirects, no compression
 * asked for (one of gzip, deflate, br and zstd is undone all the same, and bounds are of what comes
 * out and of what comes in), at most FETCH_BODY_MAX bytes, 4 s to connect and 10 s in all.
 * FETCH_OK: status 200. FETCH_NOT_MODIFIED: 304 to a conditional request. FETCH_FAILED: anything
 * else, with a message that names URL and cause. Release the response with fetch_clear() in any
 * case. Not for threads. */
enum fetch_result fetch(const struct fetch_request *request, struct fetch_response *response,
                        struct diag *diag);
void fetch_clear(struct fetch_response *response);

#endif
