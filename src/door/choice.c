/* SPDX-License-Identifier: MIT */
#include "door/choice.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "json/json.h"
#include "token/issuer.h"
#include "token/token.h"

#define SHOWN 64 /* octets of a name in a message */

static bool has(const struct profile_set *set, size_t number)
{
    return (set->bits[number / 64] >> number % 64 & 1) != 0;
}

static bool overlap(const struct profile_set *one, const struct profile_set *other)
{
    for (size_t i = 0; i < sizeof one->bits / sizeof one->bits[0]; i++) {
        if ((one->bits[i] & other->bits[i]) != 0) {
            return true;
        }
    }
    return false;
}

/* The next one that was chosen, from number *at on, which is moved behind it; NULL: there is none.
 * In the order of the configuration. */
static struct profile *next(const struct choice *choice, size_t *at)
{
    while (*at < choice->profiles->count) {
        struct profile *profile = &choice->profiles->all[(*at)++];
        if (choice->count > 1 ? has(&choice->set, profile->number) : profile == choice->first) {
            return profile;
        }
    }
    return NULL;
}

void choice_default(struct choice *choice, struct profiles *profiles)
{
    choice->profiles = profiles;
    choice->first = &profiles->all[0];
    choice->count = 1;
}

static struct profile *find(struct profiles *profiles, const char *name, size_t length)
{
    for (size_t i = 0; i < profiles->count; i++) {
        const char *theirs = profiles->all[i].config->profile;
        if (strlen(theirs) == length && memcmp(theirs, name, length) == 0) {
            return &profiles->all[i];
        }
    }
    return NULL;
}

/* There is no profile of this name: says which there are. */
static void tell_unknown(const struct profiles *profiles, const char *name, size_t length,
                         struct diag *diag)
{
    char shown[SHOWN];
    char known[400] = "";
    size_t used = 0;
    for (size_t i = 0; i < profiles->count && used < sizeof known; i++) {
        const char *theirs = profiles->all[i].config->profile;
        const size_t room = sizeof known - used;
        if (strlen(theirs) + 2 >= room) {
            memcpy(known + used, ", ...", room < 6 ? room - 1 : 6);
            break;
        }
        memcpy(known + used, ", ", 2);
        memcpy(known + used + 2, theirs, strlen(theirs) + 1);
        used += 2 + strlen(theirs);
    }
    diag_set(diag,
             "there is no profile '%s'; there %s %s (default is bearer.env, any other NAME is "
             "NAME.env in the directory BEARER_PROFILES)",
             log_escape(shown, sizeof shown, name, length), profiles->count > 1 ? "are" : "is",
             known + 2);
}

static bool same_header(const struct config *one, const struct config *other)
{
    return one->token_header == other->token_header ||
           (one->token_header != NULL && other->token_header != NULL &&
            strcmp(one->token_header, other->token_header) == 0);
}

/* Whether one more may be chosen beside those that are. */
static bool add(struct choice *choice, struct profile *profile, struct diag *diag)
{
    if (has(&choice->set, profile->number)) {
        diag_set(diag, "names the profile %s twice; name each once", profile->config->profile);
        return false;
    }
    if (overlap(&choice->set, &profile->alike)) {
        char issuer[SHOWN * 4];
        diag_set(diag,
                 "the profile %s and another one that is named have the same issuer, %s, so that a "
                 "token would not tell which of them decides; name one of them",
                 profile->config->profile,
                 log_escape(issuer, sizeof issuer, profile->config->issuer,
                            strlen(profile->config->issuer)));
        return false;
    }
    if (choice->count > 0 && !same_header(choice->first->config, profile->config)) {
        diag_set(diag,
                 "the profiles %s and %s take the token from different headers "
                 "(BEARER_TOKEN_HEADER); name profiles that take it from the same",
                 choice->first->config->profile, profile->config->profile);
        return false;
    }
    choice->set.bits[profile->number / 64] |= UINT64_C(1) << profile->number % 64;
    choice->first = choice->count++ == 0 ? profile : choice->first;
    return true;
}

bool choice_read(struct choice *choice, struct profiles *profiles, const char *names,
                 struct diag *diag)
{
    struct choice made = {.profiles = profiles};
    bool good = true;
    *choice = (struct choice){.profiles = NULL};
    for (const char *at = names + strspn(names, " "); *at != '\0' && good; at += strspn(at, " ")) {
        const size_t length = strcspn(at, " ");
        struct profile *profile = find(profiles, at, length);
        if (profile == NULL) {
            tell_unknown(profiles, at, length, diag);
        }
        good = profile != NULL && add(&made, profile, diag);
        at += length;
    }
    if (good && made.count == 0) {
        diag_set(diag, "is empty; name one profile, or several with spaces between them");
        good = false;
    }
    if (good) {
        *choice = made;
    }
    return good;
}

/* The one that has found this token good before: what its issuer is does not have to be read
 * again. */
static struct profile *who_remembers(const struct choice *choice, const char *token, size_t length,
                                     int64_t now)
{
    size_t at = 0;
    struct profile *profile = next(choice, &at);
    while (profile != NULL && !verifier_remembers(profile->verifier, token, length, now)) {
        profile = next(choice, &at);
    }
    return profile;
}

struct profile *choice_pick(const struct choice *choice, const char *token, size_t length,
                            int64_t now)
{
    if (choice->count == 1) {
        return choice->first;
    }
    struct profile *profile = who_remembers(choice, token, length, now);
    if (profile != NULL) {
        return profile;
    }
    struct json_object *claims CLEANUP(js_cleanup) = token_claims(token, length);
    if (claims == NULL || js_type(claims, "iss") != JS_STRING) {
        return choice->first;
    }
    size_t at = 0;
    profile = next(choice, &at);
    while (profile != NULL && !issuer_is(profile->config->issuer, claims)) {
        profile = next(choice, &at);
    }
    return profile;
}

void choice_own(const struct choice *choice, struct choice_own *own)
{
    const bool has_own = choice->first->require.text != NULL;
    *own = (struct choice_own){.with = has_own ? choice->first : NULL,
                               .without = has_own ? NULL : choice->first};
    if (choice->count == 1) {
        return;
    }
    size_t at = 0;
    for (const struct profile *profile = next(choice, &at); profile != NULL;
         profile = next(choice, &at)) {
        if (profile->require.text == NULL) {
            own->without = own->without != NULL ? own->without : profile;
            continue;
        }
        own->with = own->with != NULL ? own->with : profile;
        own->differ = own->differ || own->with->require.optional != profile->require.optional;
    }
}
