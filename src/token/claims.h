/* SPDX-License-Identifier: MIT */
/* What the claims must say (RFC 7519, section 4.1; RFC 9068, section 4). */
#ifndef FB_TOKEN_CLAIMS_H
#define FB_TOKEN_CLAIMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/numeric_date.h"
#include "config/config.h"

struct json_object;

/* BEARER_OK if iss, aud, exp, nbf, iat and sub are as configured at `now` (seconds since 1970),
 * nothing says that this is no bearer access token (BEARER_ID_TOKENS: or an ID token), with
 * BEARER_TOKEN_TYP=at+jwt there is what RFC 9068, section 2.2, requires, and what BEARER_USER_CLAIM
 * names; else the first thing wrong. Valid iff now < exp
 * + leeway, nbf <= now + leeway, iat <= now + leeway. `access_token`: the header's typ says that it
 * is one (struct header). */
enum bearer_code claims_check(struct json_object *claims, const struct config *config, int64_t now,
                              bool access_token);

/* The name of the claim that makes these the claims of an ID token (OpenID Connect Core 1.0,
 * section 2), or NULL. Issuers whose API is also an audience of ID tokens have nothing else to tell
 * them apart: `at_hash` and `c_hash` are in no access token, and `nonce`, which the client sends to
 * recognize its own log-in, is in one only beside what was granted or to whom (scope, scp,
 * client_id). `access_token` as above: then a nonce says nothing. A constant. */
const char *claims_id_mark(const struct json_object *claims, bool access_token);

/* The name of a claim that an at+jwt has and these have not, or not as a text that says something
 * or a date (RFC 9068, section 2.2, without those that every token needs); NULL: none is missing. A
 * constant. */
const char *claims_lacking(const struct json_object *claims);

/* The name of the claim that says to which client the token was issued: the first that is there of
 * azp, client_id, cid and appid, else the last of them. A constant. */
const char *claims_client(const struct json_object *claims);

/* When claims that claims_check() has found good are valid: *from <= now < *until, in seconds since
 * 1970. */
void claims_validity(const struct json_object *claims, const struct config *config, int64_t *from,
                     int64_t *until);

/* The cheap part of it, for claims whose signature nobody has verified: whether iss, aud and exp
 * fit, so that fetching keys for an unknown kid is worth it. Decides about nothing else. */
bool claims_worth_fetching(const struct json_object *claims, const struct config *config,
                           int64_t now);

#endif
