/* SPDX-License-Identifier: MIT */
#include "policy/grants.h"

#include <string.h>

#include "json/json.h"

static bool same(const char *text, size_t length, const char *other, size_t other_length)
{
    return text != NULL && length == other_length && memcmp(text, other, length) == 0;
}

/* One of the words between spaces, exactly. */
static bool has_word(const char *words, size_t length, const char *word, size_t wanted)
{
    const char *end = words + length;
    while (words < end) {
        const char *space = memchr(words, ' ', (size_t)(end - words));
        const char *stop = space != NULL ? space : end;
        if (same(words, (size_t)(stop - words), word, wanted)) {
            return true;
        }
        words = space != NULL ? space + 1 : end;
    }
    return false;
}

/* False if any element is no string. */
static bool has_element(const struct json_object *array, const char *word, size_t wanted)
{
    bool found = false;
    for (size_t i = 0; i < js_array_length(array); i++) {
        size_t length = 0;
        const char *text = js_array_string(array, i, &length);
        if (text == NULL) {
            return false;
        }
        found = found || same(text, length, word, wanted);
    }
    return found;
}

bool grants_scope(const struct json_object *claims, const char *scope, size_t length)
{
    const char *name = js_type(claims, "scope") != JS_ABSENT ? "scope" : "scp";
    size_t words_length = 0;
    const char *words = js_string(claims, name, &words_length);
    if (words != NULL) {
        return has_word(words, words_length, scope, length);
    }
    return strcmp(name, "scp") == 0 && has_element(js_array(claims, name), scope, length);
}

bool grants_permission(const struct json_object *claims, const char *permission, size_t length)
{
    return has_element(js_array(claims, "permissions"), permission, length);
}

bool grants_claim(const struct json_object *claims, const char *name, size_t name_length,
                  const char *value, size_t value_length)
{
    char key[GRANTS_CLAIM_MAX + 1];
    size_t length = 0;
    if (name_length >= sizeof key) {
        return false;
    }
    memcpy(key, name, name_length);
    key[name_length] = '\0';
    const struct json_object *array = js_array(claims, key);
    if (array == NULL) {
        const char *text = js_scalar(claims, key, &length);
        return same(text, length, value, value_length);
    }
    for (size_t i = 0; i < js_array_length(array); i++) {
        const char *text = js_array_scalar(array, i, &length);
        if (same(text, length, value, value_length)) {
            return true;
        }
    }
    return false;
}
