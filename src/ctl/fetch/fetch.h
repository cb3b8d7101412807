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
    const char *url;           /* https:// */
    const char *ca_file;       /* NULL: the system's, wherever it keeps them */
    uid_t ca_owner;            /* who may own it beside root and us; (uid_t)-1: nobody */
    const char *proxy;         /* NULL: none; the environment's are never used */
    const char *etag;          /* makes it conditional (RFC 9110, section 13.1); NULL: not */
    const char *last_modified; /* likewise */
};

enum fetch_result { FETCH_FAILED = 0, FETCH_OK, FETCH_NOT_MODIFIED };

struct fetch_response {
    char *body; /* set with FETCH_OK; NUL-terminated */
    size_t length;
    char etag[256]; /* printable; empty: none, or too long to keep */
    char last_modified[64];
    int64_t
        date; /* the server's clock, seconds since 1970 (of a cached answer: Date and Age together); -1: it did not say */
    int64_t age;      /* seconds; RFC 9111, section 5.1 */
    enum cause cause; /* with FETCH_FAILED */
};

/* Fetches `request->url`: HTTPS only, certificate and name verified, no redirects, no compression asked for (one of gzip, deflate, br and zstd is undone all the same, and bounds are of what comes out and of what comes in), at most FETCH_BODY_MAX bytes, 4 s to connect and
 * 10 s in all. FETCH_OK: status 200. FETCH_NOT_MODIFIED: 304 to a conditional request. FETCH_FAILED: anything else, with a message that names URL and cause. Release the
 * response with fetch_clear() in any case. Not for threads. */
enum fetch_result fetch(const struct fetch_request *request, struct fetch_response *response,
                        struct diag *diag);
void fetch_clear(struct fetch_response *response);

#endif
