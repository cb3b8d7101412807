#include "json.h"

#include <json-c/json.h>
#include <limits.h>
#include <string.h>

#include "cleanup.h"

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

/* Adds up what json-c holds. Depth is bounded by js_strict(). */
static void count(struct json_object *value, struct js_content *content)
{
    content->values++;
    if (json_object_is_type(value, json_type_string)) {
        content->octets += (size_t)json_object_get_string_len(value);
    } else if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, name, member)
        {
            content->octets += strlen(name);
            count(member, content);
        }
    } else if (json_object_is_type(value, json_type_array)) {
        size_t length = json_object_array_length(value);
        for (size_t i = 0; i < length; i++) {
            count(json_object_array_get_idx(value, i), content);
        }
    }
}

struct json_object *js_parse(const char *text, size_t length, const char **why)
{
    const char *unused = NULL;
    const char **reason = why != NULL ? why : &unused;
    if (length > JS_TEXT_MAX) {
        *reason = "longer than 1 MiB";
        return NULL;
    }
    struct js_content written;
    struct js_content held = {0};
    *reason = js_strict(text, length, &written);
    if (*reason != NULL) {
        return NULL;
    }
    struct json_tokener *tokener = json_tokener_new_ex(JS_DEPTH_MAX + 1);
    if (tokener == NULL) {
        *reason = "out of memory";
        return NULL;
    }
    struct json_object *object CLEANUP(js_cleanup) = json_tokener_parse_ex(tokener, text, (int)length);
    enum json_tokener_error error = json_tokener_get_error(tokener);
    json_tokener_free(tokener);
    if (object == NULL || error != json_tokener_success || !json_object_is_type(object, json_type_object)) {
        *reason = "json-c could not parse it";
        return NULL;
    }
    /* json-c keeps the last of two members with one name (its names are unescaped); out of memory it drops members and parts of
     * strings and says nothing. Either way it holds less than was written. */
    count(object, &held);
    if (held.values != written.values) {
        *reason = "a name twice in one object";
        return NULL;
    }
    if (held.octets != written.octets) {
        *reason = "json-c lost a part of it";
        return NULL;
    }
    return steal(&object);
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
static struct json_object *member(const struct json_object *object, const char *name, enum js_type type)
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
    return value == NULL ? NULL : json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN);
}

int64_t js_count(const struct json_object *object, const char *name)
{
    struct json_object *value = member(object, name, JS_NUMBER);
    if (value == NULL || !json_object_is_type(value, json_type_int)) {
        return -1;
    }
    int64_t number = json_object_get_int64(value);
    return number >= 0 && number <= INT64_C(1) << 53 ? number : -1;
}

bool js_true(const struct json_object *object, const char *name)
{
    struct json_object *value = member(object, name, JS_BOOLEAN);
    return value != NULL && json_object_get_boolean(value);
}

struct json_object *js_object(const struct json_object *object, const char *name)
{
    return member(object, name, JS_OBJECT);
}

struct json_object *js_array(const struct json_object *object, const char *name)
{
    return member(object, name, JS_ARRAY);
}

size_t js_array_length(const struct json_object *array)
{
    return array != NULL && json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

enum js_type js_array_type(const struct json_object *array, size_t index)
{
    bool found = index < js_array_length(array);
    return type_of(found, found ? json_object_array_get_idx(array, index) : NULL);
}

static const char *scalar_of(struct json_object *value, size_t *length)
{
    *length = 0;
    switch (json_object_get_type(value)) {
    case json_type_string:
        return string_of(value, length);
    case json_type_boolean:
    case json_type_double:
    case json_type_int:
        return json_object_to_json_string_length(value, JSON_C_TO_STRING_PLAIN, length);
    case json_type_null:
    case json_type_object:
    case json_type_array:
        break;
    }
    return NULL;
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
             bool (*visit)(void *context, const char *name, struct json_object *value), void *context)
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
    if (value != NULL && json_object_object_add(object, name, value) == 0) {
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

static struct json_object *new_string(const char *text, size_t length)
{
    return length > INT_MAX ? NULL : json_object_new_string_len(text, (int)length);
}

bool js_set_string(struct json_object *object, const char *name, const char *text, size_t length)
{
    return js_set_value(object, name, new_string(text, length));
}

bool js_append_string(struct json_object *array, const char *text, size_t length)
{
    return js_append(array, new_string(text, length));
}

bool js_set_count(struct json_object *object, const char *name, int64_t number)
{
    return js_set_value(object, name, json_object_new_int64(number));
}

bool js_copy_member(struct json_object *to, const struct json_object *from, const char *name)
{
    struct json_object *value = NULL;
    if (to == NULL || !json_object_object_get_ex(from, name, &value)) {
        return to != NULL;
    }
    if (json_object_object_add(to, name, json_object_get(value)) ==
        0) { /* null is a value of json-c's too: NULL */
        return true;
    }
    json_object_put(value);
    return false;
}

/* Depth is bounded by js_strict(). */
static bool exact(struct json_object *value)
{
    bool good = true;
    if (json_object_is_type(value, json_type_int)) {
        good = json_object_get_int64(value) != INT64_MIN && json_object_get_uint64(value) != UINT64_MAX;
    } else if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, name, member)
        {
            (void)name;
            good = good && exact(member);
        }
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; good && i < json_object_array_length(value); i++) {
            good = exact(json_object_array_get_idx(value, i));
        }
    }
    return good;
}

bool js_exact(const struct json_object *object, const char *name)
{
    struct json_object *value = NULL;
    if (object == NULL || !json_object_object_get_ex(object, name, &value)) {
        return true;
    }
    return exact(value);
}

bool js_has_members(const struct json_object *object)
{
    return json_object_is_type(object, json_type_object) && json_object_object_length(object) > 0;
}

struct json_object *js_share(struct json_object *value)
{
    return json_object_get(value);
}

const char *js_text(struct json_object *object, size_t *length)
{
    return json_object_to_json_string_length(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
                                             length);
}
