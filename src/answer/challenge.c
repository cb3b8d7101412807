/* SPDX-License-Identifier: MIT */
#include "answer/challenge.h"

#include <stdio.h>

void challenge_write(char *out, size_t size, enum bearer_code code, const char *realm,
                     const char *scope)
{
    const struct bearer_outcome *outcome = bearer_outcome(code);
    int n = 0;
    out[0] = '\0';
    if (realm == NULL) {
        realm = "api";
    }
    if (outcome->error == NULL && outcome->status == 401) {
        n = snprintf(out, size, "Bearer realm=\"%s\"", realm);
    } else if (outcome->error != NULL && code == BEARER_NOT_GRANTED && scope != NULL) {
        n = snprintf(out, size, "Bearer realm=\"%s\", error=\"%s\", scope=\"%s\"", realm,
                     outcome->error, scope);
        if ((size_t)n >= size) { /* too long to be named */
            challenge_write(out, size, code, realm, NULL);
            return;
        }
    } else if (outcome->error != NULL) {
        n = snprintf(out, size, "Bearer realm=\"%s\", error=\"%s\", error_description=\"%s\"",
                     realm, outcome->error, outcome->text);
    }
    if (n < 0 || (size_t)n >= size) {
        out[0] = '\0';
    }
}
