/* SPDX-License-Identifier: MIT */
#include "lib/facts.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char role[] = "FCGI_ROLE=AUTHORIZER";

static bool counts(const struct bearer_fact *fact)
{
    return fact->name != NULL && fact->value != NULL && *fact->name != '\0' &&
           strchr(fact->name, '=') == NULL;
}

/* False: more than there is memory for. */
static bool add(size_t *size, size_t octets)
{
    if (octets > SIZE_MAX - *size) {
        return false;
    }
    *size += octets;
    return true;
}

/* What the block takes; 0: more than there is. */
static size_t size_of(const struct bearer_fact *facts, size_t count)
{
    size_t size = sizeof role;
    if (count > SIZE_MAX / sizeof(char *) - 2 || !add(&size, (count + 2) * sizeof(char *))) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (counts(&facts[i]) && (!add(&size, strlen(facts[i].name)) ||
                                  !add(&size, strlen(facts[i].value)) || !add(&size, sizeof "="))) {
            return 0;
        }
    }
    return size;
}

/* Moves *at behind what was written. */
static void put(char **at, const char *text, size_t length)
{
    memcpy(*at, text, length);
    *at += length;
}

char **facts_params(const struct bearer_fact *facts, size_t count)
{
    const size_t size = size_of(facts, count);
    char **params = size > 0 ? malloc(size) : NULL;
    if (params == NULL) {
        return NULL;
    }
    size_t used = 0;
    char *at = (char *)(params + count + 2);
    params[used++] = at;
    put(&at, role, sizeof role);
    for (size_t i = 0; i < count; i++) {
        if (counts(&facts[i])) {
            params[used++] = at;
            put(&at, facts[i].name, strlen(facts[i].name));
            put(&at, "=", 1);
            put(&at, facts[i].value, strlen(facts[i].value) + 1);
        }
    }
    params[used] = NULL;
    return params;
}
