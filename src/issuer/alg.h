/* SPDX-License-Identifier: MIT */
/* Which algorithms bearer-issuer signs with. */
#ifndef FB_ISSUER_ALG_H
#define FB_ISSUER_ALG_H

#include "cli/cli.h"
#include "jose/jwa.h"

/* The value of --alg: RS256 or ES256 in *alg, which stays as it is if `text` is NULL. 0, or
 * EX_USAGE after a message. */
int issuer_take_alg(const struct cli *cli, const char *text, enum jwa *alg);

#endif
