/* SPDX-License-Identifier: MIT */
/* Where the keys come from over HTTPS: the JWKS document itself, or OpenID discovery first. Used by
 * refresh and doctor. */
#ifndef FB_CTL_FETCH_KEYSOURCE_H
#define FB_CTL_FETCH_KEYSOURCE_H

#include "config/config.h"
#include "ctl/fetch/fetch.h"

struct json_object;

/* The URI of the JWKS: as configured, or, with an issuer alone, from its
 * .well-known/openid-configuration, whose `issuer` must be identical (OpenID Connect Discovery 1.0,
 * section 4.3). The caller's, to be released with free(); NULL with a cause and a message in
 * `diag`. */
char *keysource_uri(const struct config *config, enum cause *cause, struct diag *diag);

/* Whether the issuer's metadata name it letter by letter, wherever its keys come from; for an
 * issuer that is an https:// URL. False with a cause and a message in `diag`: they do not
 * (CAUSE_ISSUER, CAUSE_ISSUER_SLASH), or there are none to be had. */
bool keysource_issuer(const struct config *config, enum cause *cause, struct diag *diag);

/* Fetches the JWKS at `uri`, if it has changed since `etag` or `last_modified` (NULL: in any case).
 * FETCH_OK: *jwks is the strict JSON document, the caller's. FETCH_FAILED: response->cause says
 * why. */
enum fetch_result keysource_fetch(const struct config *config, const char *uri, const char *etag,
                                  const char *last_modified, struct json_object **jwks,
                                  struct fetch_response *response, struct diag *diag);

#endif
