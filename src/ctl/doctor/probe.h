/* SPDX-License-Identifier: MIT */
/* Asks a deployed endpoint as a client does, and keeps what matters of its answer. */
#ifndef FB_CTL_DOCTOR_PROBE_H
#define FB_CTL_DOCTOR_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/diag.h"
#include "ctl/fetch/cause.h"

struct probe {
    const char *url;
    /* what messages name it */
    const char *shown;
    /* NULL: the system's */
    const char *ca_file;
    /* who may own it beside root and us; (uid_t)-1: nobody */
    uid_t ca_owner;
    /* NULL: none */
    const char *proxy;
    /* the name of the header that holds the token; NULL: Authorization */
    const char *token_header;
};

/* One request to it. All NULL: a GET of its URL without a token. */
struct probe_request {
    const char *method;
    /* of the same site */
    const char *url;
    /* one more, "Name: value" */
    const char *header;
    /* the value of that field */
    const char *authorization;
};

/* The fields of the answer are printable ASCII, as far as they are kept. `detail` is a stranger's
 * text: escape it where it is shown. */
struct probe_answer {
    bool answered;
    /* if not, why */
    enum cause cause;
    /* likewise */
    struct diag diag;

    long status;
    /* the fields of these names; empty: absent, or too long */
    char server[64];
    /* Content-Type */
    char type[128];
    /* Location */
    char location[512];
    /* the first Bearer challenge */
    char bearer[512];
    /* the scheme of the first other challenge */
    char other[32];
    /* how many Bearer challenges there are */
    unsigned bearers;
    bool nosniff;
    /* as Cache-Control says; public: or s-maxage */
    bool no_store, is_private, is_public;
    /* it says that it comes from a cache */
    bool cached;
    /* a field Variable-..., which an authorizer says to the web server alone */
    bool claims;
    /* a field by which a program tells a web server where a file is; empty: none */
    char inner[32];
    /* all field names are in small letters */
    bool small_letters;
    /* of a body {"detail":"..."}, as bearer.fcgi's denials have; else empty */
    char detail[200];
    /* the body is a page */
    bool html;
    /* of the body, as far as it was read */
    size_t length;
    /* of that: bodies that differ have others, but by chance */
    uint64_t print;
    /* the body is that of /public */
    bool public_endpoint;
};

/* Asks once. At most 4 KiB of the body are read; bounded in time as transfer() is. Redirects are
 * not followed. */
void probe_ask(const struct probe *probe, const struct probe_request *request,
               struct probe_answer *answer);

/* "Bearer " and a token that is well formed, is for this algorithm, has `length` octets (a few
 * less, if it has to; at least 300), and that nobody can take for a credential: it says what it is,
 * and its signature is all zeros. The caller's; NULL: out of memory. */
char *probe_made_up(const char *alg, size_t length);

#endif
