/* SPDX-License-Identifier: MIT */
/* Signs tokens. The only file that knows libjwt. */
#ifndef FB_ISSUER_MINT_H
#define FB_ISSUER_MINT_H

#include <stddef.h>

#include "base/diag.h"
#include "jose/jwa.h"

/* What a token's claims may take as text; libjwt puts twice that on the stack. */
#define MINT_CLAIMS_MAX (256 * 1024)

struct mint;

/* A token to be: header typ JWT, `alg` (JWA_RS256 or JWA_ES256) and `kid`, signed by the private
 * key in `pem`, which is not looked at before mint_token(). NULL: out of memory. The caller
 * releases it with mint_cleanup(). */
struct mint *mint_new(enum jwa alg, const char *kid, const char *pem);
void mint_cleanup(struct mint **mint); /* for CLEANUP() */

/* Adds all members of one JSON object (text that js_parse() took) to the claims, in place of those
 * of the same name. 0; EX_DATAERR if libjwt cannot represent it (a number outside the range of
 * int64_t or double) or it gets too long. Numbers that are not plain integers are rounded to a
 * double. */
int mint_claims(struct mint *mint, const char *json, struct diag *diag);

/* 0 and the token, which the caller frees; EX_DATAERR: the key is none for this algorithm;
 * EX_SOFTWARE. */
int mint_token(const struct mint *mint, char **token, struct diag *diag);

#endif
