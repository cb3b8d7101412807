/* SPDX-License-Identifier: MIT */
/* Issuers and profiles mistaken for each other: cases 136 to 139, for servers. Here the site is what
 * BEARER_PROFILE of the location says. */
#include <string.h>

#include "cases.h"
#include "issuers.h"

#undef ISSUER
#define ISSUER(number, signer, profiles, claims, outcome, name) \
    {number, signer, profiles, claims, outcome, name},
static const struct {
    int number;
    enum signer signer;
    const char *profiles, *claims, *outcome, *name;
} rows[] = {
#include "issuers.def"
};

static enum bearer_code code_of(const char *outcome)
{
    unsigned code = BEARER_OK;
    if (strcmp(outcome, "200") == 0) {
        return BEARER_OK;
    }
    while (code < BEARER_CODE__MAX &&
           strcmp(bearer_outcome((enum bearer_code)code)->reason, outcome) != 0) {
        code++;
    }
    if (code == BEARER_CODE__MAX) {
        cases_bail("no such outcome");
    }
    return (enum bearer_code)code;
}

struct test_key *issuer_key(unsigned signer)
{
    const struct test_key *keys[SIGNERS] = {world.rsa, world.other, world.attacker};
    return test_key_again(keys[signer], "k");
}

char *issuer_good(const char *profiles, const char **claims)
{
    const bool two = strncmp(profiles, "tw", 2) == 0;
    *claims = !two                            ? BODY("\"" ONE "\"", "api", "")
              : strcmp(profiles, "twin") == 0 ? BODY("\"" TWO "\"", "other", "")
                                              : BODY("\"" TWO "\"", "api", "");
    struct test_key *key = issuer_key(two ? BY_TWO : BY_ONE);
    char *token = test_key_sign(key, JWA_RS256, HEADER_OF("RS256", "k"), *claims);
    test_key_free(key);
    return token;
}

const char *const issuer_sites[] = {"default", "default two", "two", "twin", NULL};

void family_issuer(void)
{
    struct test_key *keys[SIGNERS];
    if (world.server == IN_PROCESS) {
        return;
    }
    for (unsigned i = 0; i < SIGNERS; i++) {
        keys[i] = issuer_key(i);
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        world.site = rows[i].profiles;
        emit(
            rows[i].number, code_of(rows[i].outcome),
            test_key_sign(keys[rows[i].signer], JWA_RS256, HEADER_OF("RS256", "k"), rows[i].claims),
            "%s (BEARER_PROFILE=%s)", rows[i].name, rows[i].profiles);
    }
    for (unsigned i = 0; i < SIGNERS; i++) {
        test_key_free(keys[i]);
    }
}
