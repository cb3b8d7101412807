/* What json.c, json_parse.c and json_text.c share. */
#ifndef BEARER_JSON_INTERNAL_H
#define BEARER_JSON_INTERNAL_H

#include <json-c/json.h>

#include "json.h"

/* Puts the member into the object, which then owns the value; a NULL `value` is null. False: memory ran out, and the caller
 * owns the value still. */
bool js_add(struct json_object *object, const char *name, struct json_object *value);

/* Every number is a double of json-c's with a text of its own, which alone says what it is. NULL: memory ran out. */
struct json_object *js_new_number(const char *text);
const char *js_number_of(struct json_object *value);

/* NULL: memory ran out, or longer than json-c's int. */
struct json_object *js_new_string(const char *text, size_t length);

#endif
