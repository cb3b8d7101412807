/* SPDX-License-Identifier: MIT */
/* Access to json-c's values, and what is built of them. */
#include "json/json_internal.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void js_free(struct json_object *value)
{
    if (value != NULL) {
        json_object_put(value);
    }
}

void js_cleanup(struct json_object **value)
{
    js_free(*value);
}

static enum js_type type_of(bool found, const struct json_object *value)
{
    if (!found) {
        return JS_ABSENT;
    }
    switch (json_object_get_type(value)) {
    case json_type_null:
        return JS_NULL;
    case json_type_boolean:
        return JS_BOOLEAN;
    case json_type_double:
    case json_type_int:
        return JS_NUMBER;
    case json_type_string:
        return JS_STRING;
    case json_type_array:
        return JS_ARRAY;
    case json_type_object:
        return JS_OBJECT;
    }
    return JS_ABSENT;
}

/* The member if it has this type, else NULL. */
static struct json_object *member(const struct json_object *object, const char *name,
                                  enum js_type type)
{
    struct json_object *value = NULL;
    if (object == NULL || !json_object_is_type(object, json_type_object)) {
        return NULL;
    }
    bool found = json_object_object_get_ex(object, name, &value);
    return type_of(found, value) == type ? value : NULL;
}

static struct json_object *element(const struct json_object *array, size_t index, enum js_type type)
{
    if (index >= js_array_length(array)) {
        return NULL;
    }
    struct json_object *value = json_object_array_get_idx(array, index);
    return type_of(true, value) == type ? value : NULL;
}

static const char *string_of(struct json_object *value, size_t *length)
{
    if (length != NULL) {
        *length = value == NULL ? 0 : (size_t)json_object_get_string_len(value);
    }
    return value == NULL ? NULL : json_object_get_string(value);
}

enum js_type js_type(const struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    if (object == NULL || !json_object_is_type(object, json_type_object)) {
        return JS_ABSENT;
    }
    bool found = json_object_object_get_ex(object, name, &value);
    return type_of(found, value);
}

const char *js_string(const struct json_object *object, const char *name, size_t *length)
{
    return string_of(member(object, name, JS_STRING), length);
}

bool js_string_is(const struct json_object *object, const char *name, const char *text)
{
    size_t length = 0;
    const char *found = js_string(object, name, &length);
    return found != NULL && length == strlen(text) && memcmp(found, text, length) == 0;
}

const char *js_number_text(const struct json_object *object, const char *name)
{
    struct json_object *value = member(object, name, JS_NUMBER);
    return value == NULL ? NULL : js_number_of(value);
}

int64_t js_count(const struct json_object *object, const char *name)
{
    static const char digits[] = "0123456789";
    const char *text = js_number_text(object, name);
    if (text == NULL || text[strspn(text, digits)] != '\0' ||
        strlen(text) > strlen("9007199254740992")) {
        return -1;
    }
    int64_t number = strtoll(text, NULL, 10);
    return number <= INT64_C(1) << 53 ? number : -1;
}

struct json_object *js_array(const struct json_object *object, const char *name)
{
    return member(object, name, JS_ARRAY);
}

size_t js_array_length(const struct json_object *array)
{
    return array != NULL && json_object_is_type(array, json_type_array)
               ? json_object_array_length(array)
               : 0;
}

enum js_type js_array_type(const struct json_object *array, size_t index)
{
    bool found = index < js_array_length(array);
    return type_of(found, found ? json_object_array_get_idx(array, index) : NULL);
}

static const char *scalar_of(struct json_object *value, size_t *length)
{
    const char *text = NULL;
    *length = 0;
    switch (json_object_get_type(value)) {
    case json_type_string:
        return string_of(value, length);
    case json_type_boolean:
        text = json_object_get_boolean(value) ? "true" : "false";
        break;
    case json_type_double:
    case json_type_int:
        text = js_number_of(value);
        break;
    case json_type_null:
    case json_type_object:
    case json_type_array:
        return NULL;
    }
    *length = strlen(text);
    return text;
}

enum js_type js_value_type(const struct json_object *value)
{
    return type_of(true, value);
}

const char *js_value_scalar(struct json_object *value, size_t *length)
{
    return scalar_of(value, length);
}

const char *js_scalar(const struct json_object *object, const char *name, size_t *length)
{
    struct json_object *value = NULL;
    bool is_object = object != NULL && json_object_is_type(object, json_type_object);
    bool found = is_object && json_object_object_get_ex(object, name, &value);
    return scalar_of(found ? value : NULL, length);
}

const char *js_array_scalar(const struct json_object *array, size_t index, size_t *length)
{
    bool found = index < js_array_length(array);
    return scalar_of(found ? json_object_array_get_idx(array, index) : NULL, length);
}

const char *js_array_string(const struct json_object *array, size_t index, size_t *length)
{
    return string_of(element(array, index, JS_STRING), length);
}

struct json_object *js_array_object(const struct json_object *array, size_t index)
{
    return element(array, index, JS_OBJECT);
}

bool js_each(const struct json_object *object,
             bool (*visit)(void *context, const char *name, struct json_object *value),
             void *context)
{
    if (object == NULL || !json_object_is_type(object, json_type_object)) {
        return true;
    }
    json_object_object_foreach(object, name, value)
    {
        if (!visit(context, name, value)) {
            return false;
        }
    }
    return true;
}

struct json_object *js_new_object(void)
{
    return json_object_new_object();
}

struct json_object *js_new_array(void)
{
    return json_object_new_array();
}

bool js_set_value(struct json_object *object, const char *name, struct json_object *value)
{
    if (value != NULL && js_add(object, name, value)) {
        return true;
    }
    js_free(value);
    return false;
}

bool js_append(struct json_object *array, struct json_object *value)
{
    if (value != NULL && json_object_array_add(array, value) == 0) {
        return true;
    }
    js_free(value);
    return false;
}

struct json_object *js_new_string(const char *text, size_t length)
{
    return length > INT_MAX ? NULL : json_object_new_string_len(text, (int)length);
}

bool js_set_string(struct json_object *object, const char *name, const char *text, size_t length)
{
    return js_set_value(object, name, js_new_string(text, length));
}

bool js_append_string(struct json_object *array, const char *text, size_t length)
{
    return js_append(array, js_new_string(text, length));
}

bool js_set_count(struct json_object *object, const char *name, int64_t number)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRId64, number);
    return js_set_value(object, name, js_new_number(text));
}

bool js_set_shared(struct json_object *object, const char *name, struct json_object *value)
{
    if (object == NULL) {
        return false;
    }
    if (js_add(object, name, json_object_get(value))) { /* null is a value of json-c's too: NULL */
        return true;
    }
    json_object_put(value);
    return false;
}

bool js_has_members(const struct json_object *object)
{
    return json_object_is_type(object, json_type_object) && json_object_object_length(object) > 0;
}

struct json_object *js_share(struct json_object *value)
{
    return json_object_get(value);
}
