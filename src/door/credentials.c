/* SPDX-License-Identifier: MIT */
#include "door/credentials.h"

#include <string.h>
#include <strings.h>

/* After "Basic x," there may come the credentials of another header. */
static bool bearer_after_comma(const char *text)
{
    for (text = strchr(text, ','); text != NULL; text = strchr(text, ',')) {
        text++;
        text += strspn(text, " \t");
        if (strncasecmp(text, "Bearer", 6) == 0 && (text[6] == ' ' || text[6] == '\0')) {
            return true;
        }
    }
    return false;
}

enum bearer_code credentials_token(const struct credentials *credentials, const char **token,
                                   size_t *length)
{
    *token = NULL;
    *length = 0;
    const char *text = credentials->authorization;
    if (credentials->twice) {
        return BEARER_TWO_CREDENTIALS;
    }
    if (text == NULL) {
        return BEARER_NO_CREDENTIALS;
    }
    const bool scheme = strncasecmp(text, "Bearer", 6) == 0 && (text[6] == ' ' || text[6] == '\0');
    if (!scheme && !credentials->bare) {
        return bearer_after_comma(text) ? BEARER_TWO_CREDENTIALS : BEARER_NO_CREDENTIALS;
    }
    text += scheme ? 6 : 0;
    text += strspn(text, " ");
    if (strchr(text, ',') != NULL) {
        return BEARER_TWO_CREDENTIALS;
    }
    *token = text;
    *length = strlen(text);
    return BEARER_OK;
}
