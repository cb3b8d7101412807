/* SPDX-License-Identifier: MIT */
/* What has to be known of json-c's inside: each in one function, which
 * tests/unit/test_json_inside.c holds against the json-c that is there (tried with 0.16 and
 * 0.18). */
#include "json/json_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* An integer of up to 18 digits. -0 is not one: it would become 0. */
static bool is_integer(const char *text)
{
    const char *digits = *text == '-' ? text + 1 : text;
    const size_t count = strspn(digits, "0123456789");
    return count > 0 && count <= 18 && digits[count] == '\0' && strcmp(text, "-0") != 0;
}

/* An integer or a double, as json-c's own reader makes them, whose text is the value's userdata.
 * For whoever reads it by json-c's functions it is that integer, or the double that is nearest. */
struct json_object *js_new_number(const char *text)
{
    if (!is_integer(text)) {
        return json_object_new_double_s(strtod(text, NULL), text);
    }
    char *copy CLEANUP(cleanup_free) = strdup(text);
    struct json_object *value =
        copy != NULL ? json_object_new_int64(strtoll(text, NULL, 10)) : NULL;
    if (value != NULL) {
        json_object_set_userdata(value, steal(&copy), json_object_free_userdata);
    }
    return value;
}

const char *js_number_of(struct json_object *value)
{
    return json_object_get_userdata(value);
}

/* An array doubles its places before the last one is taken, an object when two thirds are. */
size_t js_places_to_make(const struct json_object *container)
{
    if (json_object_is_type(container, json_type_array)) {
        const struct array_list *list = json_object_get_array(container);
        return list->length + 1 >= list->size ? list->size * 2 : 0;
    }
    const struct lh_table *table = json_object_get_object(container);
    return table->count >= table->size * LH_LOAD_FACTOR ? (size_t)table->size * 2 : 0;
}

/* Where an object cannot grow, json-c forgets the copy it has made of the name: so it is made to
 * grow before there is one. */
bool js_add(struct json_object *object, const char *name, struct json_object *value)
{
    const size_t places = js_places_to_make(object);
    if (places > 0 && lh_table_resize(json_object_get_object(object), (int)places) != 0) {
        return false;
    }
    return json_object_object_add(object, name, value) == 0;
}
