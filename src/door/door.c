/* SPDX-License-Identifier: MIT */
#include "door/door.h"

/* What the location requires, in the eyes of this profile; NULL: nothing. */
static const struct requirement *of_location(const struct demands *demands,
                                             const struct profile *profile)
{
    return demands->of_profile ? &profile->require : demands->location;
}

/* Whether nobody may pass: no credentials are needed where only the location asks, and says so. In
 * that all chosen profiles agree (choice_own()). */
static bool nobody_may(const struct demands *demands, const struct profile *profile)
{
    const struct requirement *location = of_location(demands, profile);
    return !demands->token_needed && location != NULL && location->optional;
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

/* Whether the token of a verdict meets this too. Of two denials that of the requirement that is
 * answered first counts. */
static void meets(struct verdict *verdict, const struct requirement *requirement,
                  const struct requirement_facts *facts)
{
    struct lacking lacking = {0};
    if (requirement == NULL) {
        return;
    }
    const enum bearer_code code = requirement_check(requirement, facts, &lacking);
    if (code != BEARER_OK && requirement_worse(verdict->code, code) != verdict->code) {
        verdict->code = code;
        verdict->lacking = lacking;
    }
}

/* Where nothing says for whom a token is, a guard has to ask for more than a good one. */
static bool may_serve(const struct demands *demands, const struct profile *profile)
{
    const struct requirement *location = of_location(demands, profile);
    return !config_audience_is_open(profile->config) ||
           (demands->guard && location != NULL && requirement_narrows(location));
}

struct verdict door_decide(const struct choice *choice, const struct revocations *revocations,
                           const struct credentials *credentials, const struct demands *demands,
                           int64_t now)
{
    struct verdict verdict = {.code = BEARER_DENIED,
                              .profile = choice->first,
                              .location = of_location(demands, choice->first),
                              .route = demands->route};
    const char *text = NULL;
    size_t length = 0;
    if (!may_serve(demands, choice->first)) {
        verdict.code = BEARER_MISCONFIGURED;
        return verdict;
    }
    verdict.code = credentials_token(credentials, &text, &length);
    if (verdict.code == BEARER_NO_CREDENTIALS && nobody_may(demands, choice->first)) {
        verdict.code = BEARER_OK;
        return verdict;
    }
    if (verdict.code != BEARER_OK) {
        return verdict;
    }
    struct profile *profile = choice_pick(choice, text, length, now);
    if (profile == NULL) {
        verdict.code = BEARER_ISS_WRONG;
        return verdict;
    }
    verdict.profile = profile;
    if (!may_serve(demands, profile)) {
        verdict.code = BEARER_MISCONFIGURED;
        return verdict;
    }
    verdict.code = verifier_check(profile->verifier, text, length, now, &verdict.token);
    stands(&verdict, revocations, now);
    if (verdict.code != BEARER_OK) {
        return verdict;
    }
    const struct requirement_facts facts = {
        .claims = verdict.token->claims, .now = now, .leeway = profile->config->leeway};
    verdict.location = of_location(demands, profile);
    meets(&verdict, verdict.location, &facts);
    meets(&verdict, demands->route, &facts);
    return verdict;
}
