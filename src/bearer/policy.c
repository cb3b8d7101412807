#include "policy.h"

#include <stddef.h>
#include <string.h>

#include "json.h"

/* One of the words between spaces, exactly. */
static bool has_word(const char *words, size_t length, const char *word)
{
    size_t wanted = strlen(word);
    const char *end = words + length;
    while (words < end) {
        const char *space = memchr(words, ' ', (size_t)(end - words));
        const char *stop = space != NULL ? space : end;
        if ((size_t)(stop - words) == wanted && memcmp(words, word, wanted) == 0) {
            return true;
        }
        words = space != NULL ? space + 1 : end;
    }
    return false;
}

/* False if any element is no string: a claim of the wrong type grants nothing. */
static bool has_element(const struct json_object *array, const char *word)
{
    bool found = false;
    for (size_t i = 0; i < js_array_length(array); i++) {
        size_t length = 0;
        const char *text = js_array_string(array, i, &length);
        if (text == NULL) {
            return false;
        }
        found = found || (length == strlen(word) && memcmp(text, word, length) == 0);
    }
    return found;
}

enum bearer_code policy_scope(const struct json_object *claims, const char *scope)
{
    const char *name = js_type(claims, "scope") != JS_ABSENT ? "scope" : "scp";
    size_t length = 0;
    const char *words = js_string(claims, name, &length);
    bool granted = false;
    if (words != NULL) {
        granted = has_word(words, length, scope);
    } else if (strcmp(name, "scp") == 0) {
        granted = has_element(js_array(claims, name), scope);
    }
    return granted ? BEARER_OK : BEARER_SCOPE_MISSING;
}
