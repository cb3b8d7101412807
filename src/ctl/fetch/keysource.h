/* SPDX-License-Identifier: MIT */
/* Where the keys come from over HTTPS: the JWKS document itself, or the issuer's metadata
 * first. Used by
 * refresh and doctor. */
#ifndef FB_CTL_FETCH_KEYSOURCE_H
#define FB_CTL_FETCH_KEYSOURCE_H

#include "config/config.h"
#include "ctl/fetch/fetch.h"

struct json_object;

/* What is known of an issuer's keys. Release with keysource_clear(). */
struct keysource {
    /* where they are */
    char *jwks_uri;
    /* the document that said so; NULL: none was needed, or there is none */
    char *metadata;
    /* another issuer that this document gives to access tokens (access_token_issuer); NULL: none.
     * Nothing but advice comes of it */
    char *token_issuer;
};

/* Where the keys are: as configured, or, with an issuer alone, as its metadata say, whose `issuer`
 * must be identical. They are looked for as OpenID Connect has them (Discovery 1.0, section 4.3),
 * then as RFC 8414, section 3, in both places. False with a cause and a message in `diag`. */
bool keysource_find(const struct config *config, struct keysource *found, enum cause *cause,
                    struct diag *diag);

/* Whether the issuer's metadata name it letter by letter, wherever its keys come from; for an
 * issuer that is an https:// URL. False with a cause and a message in `diag`: they do not
 * (CAUSE_ISSUER, CAUSE_ISSUER_SLASH), or there are none to be had. */
bool keysource_issuer(const struct config *config, struct keysource *found, enum cause *cause,
                      struct diag *diag);

void keysource_clear(struct keysource *found);

/* Fetches the JWKS at `uri`, if it has changed since `etag` or `last_modified` (NULL: in any case).
 * FETCH_OK: *jwks is the strict JSON document, the caller's. FETCH_FAILED: response->cause says
 * why. */
enum fetch_result keysource_fetch(const struct config *config, const char *uri, const char *etag,
                                  const char *last_modified, struct json_object **jwks,
                                  struct fetch_response *response, struct diag *diag);

#endif
