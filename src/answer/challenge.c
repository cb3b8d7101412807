/* SPDX-License-Identifier: MIT */
#include "answer/challenge.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Adds a parameter. False: it does not fit, and nothing of it is there. */
static bool add(char *out, size_t size, const char *name, const char *value)
{
    const size_t used = strlen(out);
    const int n = snprintf(out + used, size - used, ", %s=\"%s\"", name, value);
    if (n < 0 || (size_t)n >= size - used) {
        out[used] = '\0';
        return false;
    }
    return true;
}

/* The parameters that say what would do; false if none is there. */
static bool add_names(char *out, size_t size, enum bearer_code code,
                      const struct challenge_names *names)
{
    const bool scope = code == BEARER_NOT_GRANTED;
    const struct {
        bool wanted;
        const char *name, *value;
    } rows[] = {
        {scope, "scope", names->scope},
        {code == BEARER_STEP_UP, "acr_values", names->acr_values},
        {code == BEARER_STEP_UP, "max_age", names->max_age},
    };
    bool any = false;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].wanted && rows[i].value != NULL && *rows[i].value != '\0') {
            any = add(out, size, rows[i].name, rows[i].value) || any;
        }
    }
    return any;
}

void challenge_write(char *out, size_t size, enum bearer_code code, const char *realm,
                     const struct challenge_names *names)
{
    static const struct challenge_names nothing;
    const struct bearer_outcome *outcome = bearer_outcome(code);
    names = names != NULL ? names : &nothing;
    out[0] = '\0';
    if (outcome->error == NULL && outcome->status != 401) {
        return;
    }
    const int n = snprintf(out, size, "Bearer realm=\"%s\"", realm != NULL ? realm : "api");
    if (n < 0 || (size_t)n >= size ||
        (outcome->error != NULL && !add(out, size, "error", outcome->error))) {
        out[0] = '\0';
        return;
    }
    if (!add_names(out, size, code, names) && outcome->error != NULL &&
        !add(out, size, "error_description", outcome->text)) {
        out[0] = '\0';
    }
}
