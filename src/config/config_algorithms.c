/* SPDX-License-Identifier: MIT */
#include "config/config_algorithms.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "config/config_build.h"
#include "config/config_list.h"
#include "jose/jwa.h"

/* The next name: moves *at behind it. False: there is none. */
static bool next_item(const char **at, const char **item, size_t *length)
{
    *item = *at + strspn(*at, CONFIG_SEPARATORS);
    *length = strcspn(*item, CONFIG_SEPARATORS);
    *at = *item + *length;
    return *length > 0;
}

/* One name in the list: its bit, or 0 and an error that says why not. */
static unsigned algorithm(struct config_build *build, enum config_name name, const char *item,
                          size_t length, bool others)
{
    enum jwa alg = jwa_parse(item, length);
    if (alg != JWA_UNKNOWN) {
        return JWA_BIT(alg);
    }
    char shown[40];
    log_escape(shown, sizeof shown, item, length);
    for (unsigned i = JWA_UNKNOWN + 1; i <= JWA__MAX; i++) {
        const char *known = i < JWA__MAX ? jwa_name((enum jwa)i) : JWA_ED25519_NAME;
        if (strlen(known) == length && strncasecmp(known, item, length) == 0) {
            config_refuse(build, name, "%s must be written %s", shown, known);
            return 0;
        }
    }
    if (length == 4 && strncasecmp(item, "none", 4) == 0) {
        config_refuse(build, name, "'%s' would let anybody in, for its tokens are not signed; %s",
                      shown, others ? "remove it" : "write RS256");
    } else if (length >= 2 && strncasecmp(item, "HS", 2) == 0) {
        config_refuse(build, name,
                      "%s is symmetric: anyone who can check such a token can also make one; %s",
                      shown,
                      others ? "remove it, and let the issuer sign with what is left"
                             : "write RS256, and let the issuer sign with it");
    } else {
        config_refuse(build, name, "%s is not known; write %s", shown, config_row(name)->help);
    }
    return 0;
}

void config_write_algorithms(char out[CONFIG_ALGORITHMS_MAX], unsigned algs)
{
    size_t used = 0;
    out[0] = '\0';
    for (unsigned alg = JWA_UNKNOWN + 1; alg < JWA__MAX; alg++) {
        if ((algs & JWA_BIT(alg)) != 0 && used < CONFIG_ALGORITHMS_MAX) {
            used += (size_t)snprintf(out + used, CONFIG_ALGORITHMS_MAX - used, "%s%s",
                                     used > 0 ? " " : "", jwa_name((enum jwa)alg));
        }
    }
}

void config_take_algorithms(struct config_build *build, enum config_name name, const char *text,
                            void *field)
{
    unsigned *algs = field;
    const char *item = NULL;
    size_t length = 0;
    bool others = false; /* beside one that is none */
    for (const char *at = text; next_item(&at, &item, &length);) {
        others = others || jwa_parse(item, length) != JWA_UNKNOWN;
    }
    for (const char *at = text; next_item(&at, &item, &length);) {
        *algs |= algorithm(build, name, item, length, others);
    }
    if (*algs == 0 && !build->refused[name]) {
        config_refuse(build, name, "names no algorithm; write RS256, or remove it");
    }
}
