/* SPDX-License-Identifier: MIT */
#include "app/cors.h"

#include <string.h>

/* The value of the one param of this name (with its `=`); NULL: there is none, or several. */
static const char *only_param(char *const *params, const char *name)
{
    const size_t length = strlen(name);
    const char *value = NULL;
    for (; *params != NULL; params++) {
        if (strncmp(*params, name, length) == 0) {
            if (value != NULL) {
                return NULL;
            }
            value = *params + length;
        }
    }
    return value;
}

/* The configured origin that is exactly this one, or `*`; "" if it is none of them. */
static const char *allowed(char *const *origins, const char *origin)
{
    if (strcmp(*origins, "*") == 0) {
        return *origins;
    }
    for (; origin != NULL && *origins != NULL; origins++) {
        if (strcmp(*origins, origin) == 0) {
            return *origins;
        }
    }
    return "";
}

void cors_complete(char *const *origins, char *const *params, struct response *response)
{
    const char *origin = only_param(params, "HTTP_ORIGIN=");
    response->cors_origin = allowed(origins, origin);
    response->preflight = response->status == 204 && response->allow != NULL && origin != NULL &&
                          *response->cors_origin != '\0' &&
                          only_param(params, "HTTP_ACCESS_CONTROL_REQUEST_METHOD=") != NULL;
}
