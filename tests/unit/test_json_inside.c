/* SPDX-License-Identifier: MIT */
/* What src/json/json_inside.c knows of json-c, held against the json-c that is there: beyond its
 * manual, so that it may change with any of its versions. */
#include "json/json_internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

/* Whether it was made here or by json-c's own reader. */
static void is_number_value(struct json_object *value, const char *text, double number,
                            const char *by)
{
    is_string(js_number_of(value), text, "%s: %s keeps its text", by, text);
    is_string(json_object_to_json_string(value), text, "  json-c writes it");
    ok(json_object_is_type(value, json_type_double) && !(json_object_get_double(value) < number) &&
           !(json_object_get_double(value) > number),
       "  and reads it as %g", number);
    json_object_put(value);
}

static void numbers(void)
{
    static const struct {
        const char *text;
        double number;
    } each[] = {{"1.50", 1.5}, {"-2.5e+1", -25.0}, {"0.10", 0.1}, {"1E2", 100.0}};
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
        is_number_value(js_new_number(each[i].text), each[i].text, each[i].number, "made here");
        is_number_value(json_tokener_parse(each[i].text), each[i].text, each[i].number,
                        "read by json-c");
    }
    struct json_object *date = js_new_number("1700000000");
    ok(json_object_is_type(date, json_type_int) &&
           json_object_get_int64(date) == INT64_C(1700000000),
       "an integer is one for json-c's users");
    json_object_put(date);
    struct json_object *zero = js_new_number("-0");
    is_string(js_number_of(zero), "-0", "-0 stays what it is");
    json_object_put(zero);
}

/* What a handler made by json-c's functions is written as those would. */
static void of_others(void)
{
    struct json_object *formatted = json_object_new_double(2.5);
    json_object_set_serializer(formatted, json_object_double_to_json_string, strdup("%.2f"),
                               json_object_free_userdata);
    const struct {
        struct json_object *value;
        const char *text;
    } each[] = {{json_object_new_int64(-42), "[-42]"},
                {json_object_new_int64(INT64_MIN), "[-9223372036854775808]"},
                {json_object_new_uint64(UINT64_MAX), "[18446744073709551615]"},
                {json_object_new_int(7), "[7]"},
                {formatted, "[2.50]"},
                {json_object_new_double_s(0.1, "0.10"), "[0.10]"},
                {js_new_number("1e2"), "[1e2]"},
                {json_object_new_string_len("a\0b\"", 4), "[\"a\\u0000b\\\"\"]"},
                {json_object_new_null(), "[null]"},
                {json_object_new_double((double)NAN), NULL},
                {json_object_new_double((double)-INFINITY), NULL}};
    for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
        struct json_object *array = json_object_new_array();
        size_t length = 0;
        json_object_array_add(array, each[i].value);
        char *text = js_text_of_others(array, &length);
        ok((text == NULL) == (each[i].text == NULL), "%s is written, or is no JSON",
           each[i].text != NULL ? each[i].text : "no number");
        is_string(text != NULL ? text : "", each[i].text != NULL ? each[i].text : "", "  so");
        free(text);
        json_object_put(array);
    }
}

/* json-c grows when it was said to, and to what it was said to, whoever makes it. */
static void objects(void)
{
    struct json_object *theirs = json_object_new_object();
    struct json_object *ours = json_object_new_object();
    size_t wrong = 0;
    size_t grown = 0;
    for (unsigned i = 0; i < 3000; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "%u", i);
        size_t places = js_places_to_make(theirs);
        size_t expected = places > 0 ? places : (size_t)json_object_get_object(theirs)->size;
        (void)json_object_object_add(theirs, name, NULL);
        wrong += !js_add(ours, name, NULL);
        wrong += (size_t)json_object_get_object(theirs)->size != expected;
        wrong += (size_t)json_object_get_object(ours)->size != expected;
        grown += places > 0;
    }
    is_number(wrong, 0, "an object grows when and as it is said to");
    is_number(grown, 9, "  from 16 places to 8192");
    size_t members = 0;
    json_object_object_foreach(ours, name, value)
    {
        char expected[16];
        (void)snprintf(expected, sizeof expected, "%zu", members);
        members += strcmp(name, expected) == 0 && value == NULL;
    }
    is_number(members, 3000, "  and all members are in it, in the order they came");
    json_object_put(theirs);
    json_object_put(ours);
}

static void arrays(void)
{
    struct json_object *array = json_object_new_array_ext(4);
    size_t wrong = 0;
    size_t grown = 0;
    for (unsigned i = 0; i < 1000; i++) {
        size_t places = js_places_to_make(array);
        size_t expected = places > 0 ? places : json_object_get_array(array)->size;
        (void)json_object_array_add(array, NULL);
        wrong += json_object_get_array(array)->size != expected;
        grown += places > 0;
    }
    is_number(wrong, 0, "an array grows when and as it is said to");
    is_number(grown, 8, "  from 4 places to 1024");
    json_object_put(array);
}

int main(void)
{
    printf("# json-c %s\n", json_c_version());
    numbers();
    of_others();
    objects();
    arrays();
    return tap_done();
}
