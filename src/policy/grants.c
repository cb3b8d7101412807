/* SPDX-License-Identifier: MIT */
#include "policy/grants.h"

#include <string.h>

#include "json/json.h"

static bool same(const char *text, size_t length, const char *other, size_t other_length)
{
    return text != NULL && length == other_length && memcmp(text, other, length) == 0;
}

/* One of the words between spaces, exactly; none is empty. */
static bool has_word(const char *words, size_t length, const char *word, size_t wanted)
{
    const char *end = words + length;
    while (words < end && wanted > 0) {
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

/* Neither a word nor an element; another type is not empty, but wrong. */
static bool is_empty(const struct json_object *claims, const char *name)
{
    size_t length = 0;
    switch (js_type(claims, name)) {
    case JS_ABSENT:
        return true;
    case JS_STRING: {
        const char *text = js_string(claims, name, &length);
        return strspn(text, " ") == length;
    }
    case JS_ARRAY:
        return js_array_length(js_array(claims, name)) == 0;
    case JS_NULL:
    case JS_BOOLEAN:
    case JS_NUMBER:
    case JS_OBJECT:
        break;
    }
    return false;
}

const char *grants_scope_claim(const struct json_object *claims)
{
    return is_empty(claims, "scope") && js_type(claims, "scp") != JS_ABSENT ? "scp" : "scope";
}

bool grants_scope(const struct json_object *claims, const char *scope, size_t length)
{
    const char *name = grants_scope_claim(claims);
    size_t words_length = 0;
    const char *words = js_string(claims, name, &words_length);
    if (words != NULL) {
        return has_word(words, words_length, scope, length);
    }
    return has_element(js_array(claims, name), scope, length);
}

bool grants_permission(const struct json_object *claims, const char *permission, size_t length)
{
    return has_element(js_array(claims, "permissions"), permission, length);
}
