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
    const char *shown;   /* what messages name it */
    const char *ca_file; /* NULL: the system's */
    uid_t ca_owner;      /* who may own it beside root and us; (uid_t)-1: nobody */
    const char *proxy;   /* NULL: none */
};

/* One request to it. All NULL: a GET of its URL without a token. */
struct probe_request {
    const char *method;
    const char *url;           /* of the same site */
    const char *header;        /* one more, "Name: value" */
    const char *authorization; /* the value of that field */
};

/* The fields of the answer are printable ASCII, as far as they are kept. `detail` is a stranger's text: escape it where it is shown. */
struct probe_answer {
    bool answered;
    enum cause cause; /* if not, why */
    struct diag diag; /* likewise */

    long status;
    char server[64];    /* the fields of these names; empty: absent, or too long */
    char type[128];     /* Content-Type */
    char location[512]; /* Location */
    char bearer[512];   /* the first Bearer challenge */
    char other[32];     /* the scheme of the first other challenge */
    unsigned bearers;   /* how many Bearer challenges there are */
    bool nosniff;
    bool no_store, is_private, is_public; /* as Cache-Control says; public: or s-maxage */
    bool cached;                          /* it says that it comes from a cache */
    bool claims;          /* a field Variable-..., which an authorizer says to the web server alone */
    char inner[32];       /* a field by which a program tells a web server where a file is; empty: none */
    bool small_letters;   /* all field names are in small letters */
    char detail[200];     /* of a body {"detail":"..."}, as bearer.fcgi's denials have; else empty */
    bool html;            /* the body is a page */
    size_t length;        /* of the body, as far as it was read */
    uint64_t print;       /* of that: bodies that differ have others, but by chance */
    bool public_endpoint; /* the body is that of /public */
};

/* Asks once. At most 4 KiB of the body are read; bounded in time as transfer() is. Redirects are not followed. */
void probe_ask(const struct probe *probe, const struct probe_request *request, struct probe_answer *answer);

/* "Bearer " and a token that is well formed, is for this algorithm, has `length` octets (a few less, if it has to; at least 300), and that nobody
 * can take for a credential: it says what it is, and its signature is all zeros. The caller's; NULL: out of memory. */
char *probe_made_up(const char *alg, size_t length);

#endif
