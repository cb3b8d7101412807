/* SPDX-License-Identifier: MIT */
/* Writes JSON, the shortest there is of each value. json-c's own writer is not used, for
 * - it does not look whether its buffer could grow: out of memory it leaves out whatever does not
 *   fit, and what is left may be JSON still;
 * - it keeps the text in the value, out of anybody's account, for as long as that lives;
 * - texts that are written without a document need the same strings (js_put_string()). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "json/json_internal.h"

/* Writes a number. */
typedef void put_number(struct text *text, struct json_object *value);

/* Bounded by JS_DEPTH_MAX, and by what is built around a value that was read. */
static void put_value(struct text *text, struct json_object *value, put_number *number);

static void put_escaped(struct text *text, unsigned char c)
{
    static const char letters[] = "\"\\bfnrt";
    static const char meant[] = "\"\\\b\f\n\r\t";
    char escape[8];
    const char *found = strchr(meant, c);
    if (c != '\0' && found != NULL) {
        (void)snprintf(escape, sizeof escape, "\\%c", letters[found - meant]);
    } else {
        (void)snprintf(escape, sizeof escape, "\\u%04x", c);
    }
    text_puts(text, escape);
}

/* What has to be escaped, and nothing more. */
void js_put_string(struct text *text, const char *string, size_t length)
{
    const char *end = string + length;
    text_put(text, "\"", 1);
    for (const char *at = string; at < end;) {
        const char *plain = at;
        while (at < end && (unsigned char)*at >= 0x20 && *at != '"' && *at != '\\') {
            at++;
        }
        text_put(text, plain, (size_t)(at - plain));
        if (at < end) {
            put_escaped(text, (unsigned char)*at++);
        }
    }
    text_put(text, "\"", 1);
}

static void put_object(struct text *text, struct json_object *object, put_number *number)
{
    const char *before = "{";
    json_object_object_foreach(object, name, member)
    {
        text_puts(text, before);
        js_put_string(text, name, strlen(name));
        text_put(text, ":", 1);
        put_value(text, member, number);
        before = ",";
    }
    text_puts(text, *before == '{' ? "{}" : "}");
}

static void put_array(struct text *text, struct json_object *array, put_number *number)
{
    size_t length = json_object_array_length(array);
    text_put(text, "[", 1);
    for (size_t i = 0; i < length; i++) {
        text_puts(text, i > 0 ? "," : "");
        put_value(text, json_object_array_get_idx(array, i), number);
    }
    text_put(text, "]", 1);
}

static void put_value(struct text *text, struct json_object *value, put_number *number)
{
    switch (json_object_get_type(value)) {
    case json_type_null:
        text_puts(text, "null");
        break;
    case json_type_boolean:
        text_puts(text, json_object_get_boolean(value) ? "true" : "false");
        break;
    case json_type_double:
    case json_type_int:
        number(text, value);
        break;
    case json_type_string:
        js_put_string(text, json_object_get_string(value),
                      (size_t)json_object_get_string_len(value));
        break;
    case json_type_array:
        put_array(text, value, number);
        break;
    case json_type_object:
        put_object(text, value, number);
        break;
    }
}

static char *write_text(struct json_object *value, put_number *number, size_t *length)
{
    struct text text CLEANUP(text_clear) = {0};
    put_value(&text, value, number);
    if (text.failed) {
        return NULL;
    }
    if (length != NULL) {
        *length = text.length;
    }
    return steal(&text.bytes);
}

static void put_ours(struct text *text, struct json_object *value)
{
    text_puts(text, js_number_of(value));
}

char *js_text(struct json_object *value, size_t *length)
{
    return write_text(value, put_ours, length);
}

/* One that json-c's functions made, and wrote as it was told to: what a value of others keeps
 * beside its number is for them to know. JSON has no NaN and no infinity. */
static void put_theirs(struct text *text, struct json_object *value)
{
    const char *written = json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN);
    const char *digit = written != NULL && *written == '-' ? written + 1 : written;
    if (digit == NULL || *digit < '0' || *digit > '9') {
        text->failed = true;
        return;
    }
    text_puts(text, written);
}

char *js_text_of_others(struct json_object *value, size_t *length)
{
    return write_text(value, put_theirs, length);
}
