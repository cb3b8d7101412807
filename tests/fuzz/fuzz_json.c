/* SPDX-License-Identifier: MIT */
/* Strict JSON against json-c. What must hold: what we take json-c takes too and reads alike; what
 * we write we take again, and it is the same; and what json-c writes of a text that holds nothing
 * but JSON we take. Numbers are tried as dates, against a long double. And what the values were
 * said to take of memory is not less than what they take, nor more than the limit. */
#include "fuzz.h"

#include <json-c/json.h>
#include <malloc.h>

#include "base/cleanup.h"
#include "json/json.h"
#include "token/claims.h"

static enum js_type type_of(struct json_object *value)
{
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

static bool is_string(const char *text, size_t length, struct json_object *value)
{
    return text != NULL && length == (size_t)json_object_get_string_len(value) &&
           memcmp(text, json_object_get_string(value), length) == 0;
}

/* A date is what it is as a number. */
static void check_date(const char *text)
{
    struct numeric_date date;
    long double number = strtold(text, NULL);
    bool taken = numeric_date_parse(text, &date);
    if (number > 0.01L && number < 253402300798.0L) {
        must_hold(taken, "a date: %s", text);
        long double read = (long double)date.seconds + (date.fraction ? 0.5L : 0.0L);
        must_hold(read - number < 1.0L && number - read < 1.0L, "the same number: %s", text);
    } else if (number < 0.0L || number > 253402300800.0L) {
        must_hold(!taken, "no date: %s", text);
    }
    must_hold(!taken || (date.seconds >= 0 && date.seconds <= 253402300799), "a date in range");
}

static void compare_object(const struct json_object *ours, struct json_object *theirs);
static void compare_array(const struct json_object *ours, struct json_object *theirs);

struct wanted {
    const char *name;
    struct json_object *found;
};

static bool look_for(void *context, const char *name, struct json_object *value)
{
    struct wanted *wanted = context;
    wanted->found = strcmp(name, wanted->name) == 0 ? value : wanted->found;
    return true;
}

/* The member, which is there and no null. */
static struct json_object *member(const struct json_object *ours, const char *name)
{
    struct wanted wanted = {.name = name};
    must_hold(js_each(ours, look_for, &wanted) && wanted.found != NULL,
              "a member that a visit meets");
    return wanted.found;
}

static void compare_member(const struct json_object *ours, const char *name,
                           struct json_object *theirs)
{
    size_t length = 0;
    enum js_type type = js_type(ours, name);
    must_hold(type == type_of(theirs), "the same type");
    const char *text = js_string(ours, name, &length);
    must_hold((type == JS_STRING) == (text != NULL), "a string is one");
    must_hold(type != JS_STRING || is_string(text, length, theirs), "the same string");
    must_hold((type == JS_NUMBER) == (js_number_text(ours, name) != NULL), "a number is one");
    must_hold((type == JS_ARRAY) == (js_array(ours, name) != NULL), "an array is one");
    must_hold(type != JS_BOOLEAN || js_scalar(ours, name, &length)[0] ==
                                        (json_object_get_boolean(theirs) ? 't' : 'f'),
              "a truth");
    must_hold(type == JS_NUMBER || js_count(ours, name) == -1, "no count");
    if (type == JS_NUMBER) {
        const char *number = js_number_text(ours, name);
        int64_t count = js_count(ours, name);
        long double written = strtold(number, NULL);
        long double read = strtold(json_object_to_json_string(theirs), NULL);
        must_hold(written == read || written > 9e18L || written < -9e18L, "the same number");
        must_hold(count == -1 || (long double)count == written, "the same count");
        check_date(number);
    } else if (type == JS_OBJECT) {
        compare_object(member(ours, name), theirs);
    } else if (type == JS_ARRAY) {
        compare_array(js_array(ours, name), theirs);
    }
}

static bool count_member(void *context, const char *name, struct json_object *value)
{
    size_t *count = context;
    (void)name;
    (void)value;
    (*count)++;
    return true;
}

static void compare_object(const struct json_object *ours, struct json_object *theirs)
{
    size_t count = 0;
    must_hold(js_each(ours, count_member, &count) &&
                  count == (size_t)json_object_object_length(theirs),
              "as many members");
    must_hold(js_has_members(ours) == (count > 0), "members, or none");
    json_object_object_foreach(theirs, name, value)
    {
        compare_member(ours, name, value);
    }
}

static void compare_array(const struct json_object *ours, struct json_object *theirs)
{
    size_t count = json_object_array_length(theirs);
    must_hold(js_array_length(ours) == count, "as many elements");
    must_hold(js_array_type(ours, count) == JS_ABSENT &&
                  js_array_string(ours, count, &(size_t){0}) == NULL &&
                  js_array_object(ours, count) == NULL,
              "nothing behind the end");
    for (size_t i = 0; i < count; i++) {
        struct json_object *value = json_object_array_get_idx(theirs, i);
        size_t length = 0;
        enum js_type type = js_array_type(ours, i);
        const char *text = js_array_string(ours, i, &length);
        must_hold(type == type_of(value), "the same type");
        must_hold((type == JS_STRING) == (text != NULL), "a string is one");
        must_hold(type != JS_STRING || is_string(text, length, value), "the same string");
        must_hold((type == JS_OBJECT) == (js_array_object(ours, i) != NULL), "an object is one");
        if (type == JS_OBJECT) {
            compare_object(js_array_object(ours, i), value);
        }
    }
}

/* What is left of a text when json-c has read it is JSON, if it holds no double (written as it
 * was), and json-c's other liberties do not show. */
static bool is_plain(struct json_object *value, unsigned depth)
{
    bool plain = depth <= JS_DEPTH_MAX && !json_object_is_type(value, json_type_double);
    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, name, member)
        {
            (void)name;
            bool nested = json_object_is_type(member, json_type_object) ||
                          json_object_is_type(member, json_type_array);
            plain = plain && is_plain(member, depth + (nested ? 1 : 0));
        }
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; plain && i < json_object_array_length(value); i++) {
            struct json_object *element = json_object_array_get_idx(value, i);
            bool nested = json_object_is_type(element, json_type_object) ||
                          json_object_is_type(element, json_type_array);
            plain = is_plain(element, depth + (nested ? 1 : 0));
        }
    }
    return plain;
}

static void check_plain(struct json_object *theirs)
{
    const char *text = json_object_to_json_string_ext(theirs, JSON_C_TO_STRING_PLAIN);
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c >= 0x7f) {
            return;
        }
    }
    if (!json_object_is_type(theirs, json_type_object) || !is_plain(theirs, 1) ||
        strstr(text, "\\u0000") != NULL) {
        return;
    }
    const char *why = NULL;
    struct json_object *ours = js_parse(text, strlen(text), &why);
    must_hold(ours != NULL || strstr(why, "more memory") != NULL, "plain JSON is taken: %s (%s)",
              text, why);
    if (ours != NULL) {
        compare_object(ours, theirs);
    }
    js_free(ours);
}

/* How many members a text has that is JSON: colons outside strings. */
static size_t members_written(const char *text, size_t length)
{
    size_t count = 0;
    bool quoted = false;
    for (size_t i = 0; i < length; i++) {
        if (quoted && text[i] == '\\') {
            i++;
        } else if (text[i] == '"') {
            quoted = !quoted;
        } else {
            count += !quoted && text[i] == ':' ? 1 : 0;
        }
    }
    return count;
}

static size_t members_held(struct json_object *value)
{
    size_t count = 0;
    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, name, member)
        {
            (void)name;
            count += 1 + members_held(member);
        }
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            count += members_held(json_object_array_get_idx(value, i));
        }
    }
    return count;
}

static size_t octets_of(const void *block)
{
    return malloc_usable_size((void *)(uintptr_t)block) + 8;
}

/* Octets of all blocks of a value: json-c's layout, as its headers show it. */
static size_t octets_held(struct json_object *value)
{
    size_t octets = value == NULL ? 0 : octets_of(value);
    if (json_object_is_type(value, json_type_double)) {
        octets += octets_of(json_object_get_userdata(value));
    } else if (json_object_is_type(value, json_type_object)) {
        const struct lh_table *table = json_object_get_object(value);
        octets += octets_of(table) + octets_of(table->table);
        json_object_object_foreach(value, name, member)
        {
            octets += octets_of(name) + octets_held(member);
        }
    } else if (json_object_is_type(value, json_type_array)) {
        const struct array_list *list = json_object_get_array(value);
        octets += octets_of(list) + octets_of(list->array);
        for (size_t i = 0; i < list->length; i++) {
            octets += octets_held(json_object_array_get_idx(value, i));
        }
    }
    return octets;
}

static void check_again(struct json_object *ours)
{
    size_t length = 0;
    size_t again_length = 0;
    char *text CLEANUP(cleanup_free) = have(js_text(ours, &length));
    struct json_object *again = js_parse(text, length, NULL);
    must_hold(again != NULL, "what was written is taken: %s", text);
    char *text_again CLEANUP(cleanup_free) = have(js_text(again, &again_length));
    must_hold(length == again_length && memcmp(text, text_again, length) == 0, "and is the same");
    js_free(again);
}

/* Whether the text may hold what json-c (0.16 and 0.18) reads as U+FFFD: an escaped pair for a
 * character whose low 16 bits look like a surrogate's, U+1DE00 for one. */
static bool is_beyond_json_c(const uint8_t *data, size_t size)
{
    char *text CLEANUP(cleanup_free) = string_copy((struct piece){(const char *)data, size});
    unsigned high = 0;
    unsigned low = 0;
    for (const char *at = strstr(text, "\\u"); at != NULL; at = strstr(at + 1, "\\u")) {
        if (sscanf(at, "\\u%4x\\u%4x", &high, &low) == 2 && high >= 0xd800 && high <= 0xdbff &&
            low >= 0xdc00 && (((high - 0xd800) << 10 | (low - 0xdc00)) & 0xf800) == 0xd800) {
            return true;
        }
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *why = NULL;
    size_t held = 0;
    struct json_object *ours = js_parse_held((const char *)data, size, &why, &held);
    struct json_tokener *tokener = have(json_tokener_new_ex(JS_DEPTH_MAX + 1));
    /* Not JSON_TOKENER_STRICT: 0.18 then refuses every character beyond ASCII. */
    json_tokener_set_flags(tokener, JSON_TOKENER_VALIDATE_UTF8);
    struct json_object *theirs = json_tokener_parse_ex(tokener, (const char *)data, (int)size);
    json_tokener_free(tokener);
    must_hold((ours != NULL) != (why != NULL && is_message(why)), "taken, or why not");
    if (ours != NULL) {
        size_t octets = octets_held(ours);
        must_hold(octets <= held + held / 16 + 256, "%zu octets of memory, and %zu were asked for",
                  octets, held);
        must_hold(held <= 65536 + 48 * size, "what was asked for is within the limit");
        must_hold(json_object_is_type(theirs, json_type_object), "json-c takes it too");
        if (!is_beyond_json_c(data, size)) {
            compare_object(ours, theirs);
            must_hold(members_held(theirs) == members_written((const char *)data, size),
                      "no name twice");
        }
        check_again(ours);
    }
    if (theirs != NULL) {
        check_plain(theirs);
    }
    json_object_put(theirs);
    js_free(ours);
    return 0;
}
