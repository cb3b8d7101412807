/* SPDX-License-Identifier: MIT */
/* What the transfer*.c files share. Nobody else includes it. */
#ifndef FB_CTL_FETCH_TRANSFER_INTERNAL_H
#define FB_CTL_FETCH_TRANSFER_INTERNAL_H

#include <curl/curl.h>

#include "ctl/fetch/transfer.h"

/* One GET under way. */
struct get {
    const struct transfer_request *request;
    struct transfer *answer;
    CURL *curl;
    /* of request->ca_file, as it was checked; -1: none */
    int ca_fd;
    /* there was more than body_max */
    bool too_long;
    /* the body is encoded */
    bool coded;
    /* by what libcurl does not decode, or by several codings */
    bool undecoded;
    /* which; cut */
    char coding[64];
    char error[CURL_ERROR_SIZE];
};

/* What messages name the URL. In transfer_url.c. */
const char *transfer_shown(const struct transfer_request *request);

/* Takes the codings that a header field of this value names. More than one is left alone, as it
 * cannot be decoded in bounded time: what a few octets become in the first is work for the second
 * before anybody counts. In transfer_coding.c, like the next. */
void transfer_take_codings(struct get *get, const char *value);

/* The body of an answer is encoded, and was not decoded. True if the answer says enough without;
 * else a cause and a message. */
bool transfer_judge_coding(struct get *get, struct diag *diag);

/* Whom to trust, the server and an https:// proxy: the file that is configured and no other, else
 * what libcurl was built with, else what another system has. Nobody where no TLS is spoken. False,
 * with a cause and a message: nobody could be found. In transfer_trust.c, like the next. */
bool transfer_set_authorities(struct get *get, struct diag *diag);

/* Whether TLS is spoken with the proxy; with the server it is then within that. */
bool transfer_by_https_proxy(const struct transfer_request *request);

/* After a failure of TLS: whether it was with the proxy, which then did not get as far as to
 * connect to anybody. */
bool transfer_at_proxy(const struct get *get);

/* What is wrong with the certificate that was refused; NULL: libcurl itself says it. Only with
 * GnuTLS below libcurl are the bits GnuTLS's. */
const char *transfer_certificate_flaw(const struct get *get, enum cause *cause);

#endif
