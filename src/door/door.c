/* SPDX-License-Identifier: MIT */
#include "door/door.h"

/* Whether nobody may pass: no credentials are needed where only the location asks, and says so. */
static bool nobody_may(const struct demands *demands)
{
    return !demands->token_needed && demands->location != NULL && demands->location->optional;
}

/* Whether the good token of a verdict has been taken back. */
static void stands(struct verdict *verdict, const struct revocations *revocations, int64_t now)
{
    if (verdict->code != BEARER_OK || revocations == NULL) {
        return;
    }
    verdict->revoked = revocations_find(revocations, verdict->token, now);
    if (verdict->revoked != NULL) {
        verdict->code = BEARER_REVOKED;
    }
}

/* Whether the token of a verdict that is good so far meets this too. */
static void meets(struct verdict *verdict, const struct requirement *requirement)
{
    if (verdict->code != BEARER_OK || requirement == NULL) {
        return;
    }
    verdict->code = requirement_check(requirement, verdict->token->claims);
    if (verdict->code == BEARER_NOT_GRANTED) {
        verdict->lacking = requirement;
    }
}

struct verdict door_decide(struct profile *profile, const struct revocations *revocations,
                           const struct credentials *credentials, const struct demands *demands,
                           int64_t now)
{
    struct verdict verdict = {.code = BEARER_DENIED};
    const char *text = NULL;
    size_t length = 0;
    verdict.code = credentials_token(credentials, &text, &length);
    if (verdict.code == BEARER_NO_CREDENTIALS && nobody_may(demands)) {
        verdict.code = BEARER_OK;
        return verdict;
    }
    if (verdict.code != BEARER_OK) {
        return verdict;
    }
    verdict.code = verifier_check(profile->verifier, text, length, now, &verdict.token);
    stands(&verdict, revocations, now);
    meets(&verdict, demands->location);
    meets(&verdict, demands->route);
    return verdict;
}
