/* SPDX-License-Identifier: MIT */
/* Where in a document a value is: JSON Pointers (RFC 6901). */
#include <string.h>

#include "json/json_internal.h"

/* The pointer behind its first `/`. Each step is as long as it is written, or shorter, and its NUL
 * takes the place of the `/` before it: so `steps` may be where the pointer stands. */
static bool read_pointer(const char *at, const char *end, char *steps, size_t *used)
{
    char *out = steps;
    while (at < end) {
        char c = *at++;
        if (c == '/') {
            c = '\0';
        } else if (c == '~') {
            if (at == end || (*at != '0' && *at != '1')) {
                return false;
            }
            c = *at++ == '0' ? '~' : '/';
        }
        *out++ = c;
    }
    *out++ = '\0';
    *used = (size_t)(out - steps);
    return true;
}

bool js_path_read(const char *text, size_t length, char *steps, size_t *used)
{
    *used = 0;
    if (length > 0 && *text == '/') {
        return read_pointer(text + 1, text + length, steps, used);
    }
    memmove(steps, text, length);
    steps[length] = '\0';
    *used = length + 1;
    return true;
}

/* An array's index: digits without a leading zero (RFC 6901, section 4). One that is beyond size_t
 * is beyond every array. */
static bool is_index(const char *step, size_t *index)
{
    *index = 0;
    if (*step == '\0' || (*step == '0' && step[1] != '\0')) {
        return false;
    }
    for (; *step != '\0'; step++) {
        if (*step < '0' || *step > '9') {
            return false;
        }
        const size_t digit = (size_t)(*step - '0');
        *index = *index > (SIZE_MAX - digit) / 10 ? SIZE_MAX : *index * 10 + digit;
    }
    return true;
}

enum js_found js_follow(struct json_object *value, const char *steps, size_t used,
                        struct json_object **found)
{
    *found = NULL;
    for (const char *step = steps; step < steps + used; step += strlen(step) + 1) {
        size_t index = 0;
        if (json_object_is_type(value, json_type_object)) {
            if (!json_object_object_get_ex(value, step, &value)) {
                return JS_NOTHING;
            }
        } else if (json_object_is_type(value, json_type_array) && is_index(step, &index)) {
            if (index >= json_object_array_length(value)) {
                return JS_NOTHING;
            }
            value = json_object_array_get_idx(value, index);
        } else {
            return JS_UNDECIDED;
        }
    }
    *found = value;
    return JS_FOUND;
}
