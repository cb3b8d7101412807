/* SPDX-License-Identifier: MIT */
/* What the files of this room share. */
#ifndef FB_JSON_JSON_INTERNAL_H
#define FB_JSON_JSON_INTERNAL_H

#include <json-c/json.h>

#include "json/json.h"

/* json_inside.c */

/* Every number is a double of json-c's with a text of its own, which alone says what it is. NULL:
 * memory ran out. */
struct json_object *js_new_number(const char *text);
const char *js_number_of(struct json_object *value);

/* How many places an object or an array has to make, in place of those that are there, before it
 * takes one more; 0: there is one. */
size_t js_places_to_make(const struct json_object *container);

/* Puts the member into the object, which then owns the value; a NULL `value` is null. False: memory
 * ran out, and the caller owns the value still. */
bool js_add(struct json_object *object, const char *name, struct json_object *value);

/* json.c */

/* NULL: memory ran out, or longer than json-c's int. */
struct json_object *js_new_string(const char *text, size_t length);

/* json_make.c */

/* The memory of a document that is read, in octets: what its values have asked for, and what they
 * may. */
struct js_account {
    size_t held, most;
    /* Why the last thing asked for was not made. */
    const char *why;
};

/* For a document of so many octets, at most JS_TEXT_MAX. */
void js_account_open(struct js_account *account, size_t length);

/* Asked before memory is taken; js_give_back(): it is free again. False, with `why`: there is not
 * so much. */
bool js_afford(struct js_account *account, size_t octets);
void js_give_back(struct js_account *account, size_t octets);

/* Values, the caller's; NULL, with `why`: they cost too much, or memory ran out. `text` is
 * NUL-terminated. */
struct json_object *js_make_string(struct js_account *account, const char *text, size_t length);
struct json_object *js_make_number(struct js_account *account, const char *text, size_t length);
struct json_object *js_make_boolean(struct js_account *account, bool truth);
struct json_object *js_make_object(struct js_account *account);
struct json_object *js_make_array(struct js_account *account);

/* js_add() and its like for an array, paid for. False, with `why`: the caller owns the value
 * still. */
bool js_make_member(struct js_account *account, struct json_object *object, const char *name,
                    size_t length, struct json_object *value);
bool js_make_element(struct js_account *account, struct json_object *array,
                     struct json_object *value);

#endif
