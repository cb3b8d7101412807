/* SPDX-License-Identifier: MIT */
#include "issuer/alg.h"

#include <string.h>

int issuer_take_alg(const struct cli *cli, const char *text, enum jwa *alg)
{
    if (text == NULL) {
        return 0;
    }
    enum jwa named = jwa_parse(text, strlen(text));
    if (named != JWA_RS256 && named != JWA_ES256) {
        return cli_usage(cli, "--alg '%s': bearer-issuer signs with RS256 or ES256", text);
    }
    *alg = named;
    return 0;
}
