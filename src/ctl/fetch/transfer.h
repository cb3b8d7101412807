/* SPDX-License-Identifier: MIT */
/* One HTTP request, bounded in octets and in time. The transfer*.c files alone use libcurl. */
#ifndef FB_CTL_FETCH_TRANSFER_H
#define FB_CTL_FETCH_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/diag.h"
#include "base/text.h"
#include "ctl/fetch/cause.h"

struct transfer_request {
    const char *url;
    /* what messages name it; NULL: `url` */
    const char *shown;
    /* http:// as well; else https:// alone */
    bool plain_too;
    /* NULL: GET; no other brings a body */
    const char *method;
    /* the path is sent as it stands in `url`: dots and slashes may be what is asked about */
    bool as_is;
    /* NULL: the system's, wherever it keeps them */
    const char *ca_file;
    /* who may own ca_file beside root and us, as `also` in safe_read() */
    uid_t ca_owner;
    /* NULL: none; the environment's are never used */
    const char *proxy;
    /* "Name: value", NULL-terminated; NULL: none */
    const char *const *headers;
    /* octets */
    size_t body_max;
    /* more than body_max are not wanted; else they are a failure */
    bool part;
    /* Told each line of the answer's head, status lines first; not NUL-terminated, borrowed. */
    void (*header)(void *context, const char *line, size_t length);
    void *context;
};

struct transfer {
    /* of the answer */
    long status;
    /* without bytes: it is empty */
    struct text body;
    /* if there is no answer */
    enum cause cause;
};

/* Asks for `request->url`: certificate and name verified, no redirects, no compression asked for
 * (one of gzip, deflate, br and zstd is undone all the same, and bounds are of what comes out and
 * of what comes in), HTTP/1.1 for what may be plain, 4 s to connect and 10 s in all. True: there is
 * an answer, of whatever status. False: there is none, with a message that names URL and cause.
 * Release the transfer with transfer_clear() in any case. Not for threads. */
bool transfer(const struct transfer_request *request, struct transfer *transfer, struct diag *diag);
void transfer_clear(struct transfer *transfer); /* for CLEANUP() too */

/* What a URL is before anything is asked. */
struct transfer_url {
    bool https;
    /* of this very machine: no proxy leads there */
    bool loopback;
    /* without its query, which may be nobody's business; not escaped */
    char *shown;
};

/* Reads a URL as transfer() does. NULL; or what keeps it from being an http:// or https:// URL to
 * ask, a part of a sentence without a word of the URL. Release with transfer_url_clear() in any
 * case. */
const char *transfer_url(const char *text, struct transfer_url *url);
void transfer_url_clear(struct transfer_url *url); /* for CLEANUP() too */

/* The value of the header field in `line`, if its name is this one: written to `out` (`size`
 * octets) without the blanks around it; empty if it does not fit or is not printable ASCII. False:
 * another field. */
bool transfer_field(const char *line, size_t length, const char *name, char *out, size_t size);

/* Seconds since 1970 of an HTTP date (RFC 9110, section 5.6.7), or -1. */
int64_t transfer_date(const char *text);

#endif
