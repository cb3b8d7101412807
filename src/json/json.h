/* SPDX-License-Identifier: MIT */
/* Strict JSON (RFC 8259) and type-checked access to it. json-c holds the values, behind this file
 * only; it reads nothing, for it takes far more than JSON (single quotes, NaN, duplicates, bad
 * UTF-8).
 *
 * What is refused: anything outside the grammar, invalid UTF-8, lone surrogates, a byte order mark,
 * trailing bytes, U+0000 in a string (escaped or not), a name twice in one object (compared after
 * unescaping), nesting deeper than JS_DEPTH_MAX, a top level that is not an object. */
#ifndef FB_JSON_JSON_H
#define FB_JSON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JS_DEPTH_MAX 32
#define JS_TEXT_MAX  (1024 * 1024) /* bytes in one document */

struct json_object; /* json-c's; opaque here */
struct text;        /* text.h */

enum js_type { JS_ABSENT, JS_NULL, JS_BOOLEAN, JS_NUMBER, JS_STRING, JS_ARRAY, JS_OBJECT };

/* The parsed object, which the caller releases with js_free(); NULL if the text is refused or
 * memory ran out (*why, if `why` is not NULL, is then a constant text without the document's
 * content; `js_no_memory` itself where memory ran out, and nothing is said of the document). At
 * most JS_TEXT_MAX bytes are taken. In json_parse.c. */
struct json_object *js_parse(const char *text, size_t length, const char **why);
extern const char js_no_memory[];

/* The same of a whole document, from a server or in a file, where a byte order mark may come first
 * and is skipped (RFC 8259, section 8.1). Not for what was signed. */
struct json_object *js_parse_document(const char *text, size_t length, const char **why);

/* The same; *held is the memory in octets that the object takes, at most, until it is changed or
 * written. */
struct json_object *js_parse_held(const char *text, size_t length, const char **why, size_t *held);

/* Releases a document or a value that is nobody's member. NULL is fine. */
void js_free(struct json_object *value);
void js_cleanup(struct json_object **value); /* for CLEANUP() */

/* What the object's member is. JS_ABSENT too if `object` is NULL or not an object. */
enum js_type js_type(const struct json_object *object, const char *name);

/* All results below are borrowed from `object`, and NULL (or 0, false) if there is no such member
 * of that type. */
const char *js_string(const struct json_object *object, const char *name,
                      size_t *length); /* `length` may be NULL */
const char *js_number_text(const struct json_object *object,
                           const char *name); /* the number as it was written */
/* A string itself, a number as it was written, "true" or "false". */
const char *js_scalar(const struct json_object *object, const char *name, size_t *length);
const char *js_array_scalar(const struct json_object *array, size_t index, size_t *length);
/* The same of a value itself; NULL is null, and has no text. */
enum js_type js_value_type(const struct json_object *value);
const char *js_value_scalar(struct json_object *value, size_t *length);
struct json_object *js_array(const struct json_object *object, const char *name);
size_t js_array_length(const struct json_object *array);
enum js_type js_array_type(const struct json_object *array, size_t index);
const char *js_array_string(const struct json_object *array, size_t index, size_t *length);
struct json_object *js_array_object(const struct json_object *array, size_t index);
/* True if the string member, or array element, is exactly `text`. */
bool js_string_is(const struct json_object *object, const char *name, const char *text);
/* An integer member written as plain digits, 0 ≤ n ≤ 2^53; -1 if it is anything else. */
int64_t js_count(const struct json_object *object, const char *name);

/* Where a value is, as steps from the top: each a member's name or an index, with its NUL. */
enum js_found {
    /* a step into a scalar or null, or one into an array that is no index */
    JS_UNDECIDED = 0,
    /* no such member, or an index past the end, at any step */
    JS_NOTHING,
    JS_FOUND
};

/* Reads a text of so many octets without NUL: one that begins with `/` is a JSON Pointer (RFC
 * 6901), every other is the name of a member of the top, to the letter. Writes the steps to
 * `steps`, which holds at least length + 1 octets and may be where the text is, and what they take
 * to *used. False: a `~` in a pointer without 0 or 1 behind it. In json_pointer.c, as js_follow()
 * is. */
bool js_path_read(const char *text, size_t length, char *steps, size_t *used);

/* Follows the steps from `value`. *found is borrowed, and NULL is null where JS_FOUND is returned.
 * Allocates nothing. */
enum js_found js_follow(struct json_object *value, const char *steps, size_t used,
                        struct json_object **found);

/* Building. The js_set_ functions return false, changing nothing, when memory runs out;
 * js_set_value() and js_append() then release `value`, else the container owns it. Text must be
 * UTF-8. */
struct json_object *js_new_object(void);
struct json_object *js_new_array(void);
bool js_set_string(struct json_object *object, const char *name, const char *text, size_t length);
bool js_set_count(struct json_object *object, const char *name, int64_t number);
bool js_set_value(struct json_object *object, const char *name, struct json_object *value);
bool js_append(struct json_object *array, struct json_object *value);
bool js_append_string(struct json_object *array, const char *text, size_t length);
/* Puts a value that belongs to another document into this one, too; NULL is null. False: out of
 * memory, or no object. */
bool js_set_shared(struct json_object *object, const char *name, struct json_object *value);
bool js_has_members(const struct json_object *object);
/* A second owner of the same value, to put it into another document too: release it like the
 * first. */
struct json_object *js_share(struct json_object *value);
/* The object or array as text, the caller's to free(); NULL when memory runs out. `length` may be
 * NULL. In json_text.c. */
char *js_text(struct json_object *value, size_t *length);
/* The same of any value that json-c's own functions may have made or changed; NULL also for a
 * number that is none in JSON. Strings are to be UTF-8. */
char *js_text_of_others(struct json_object *value, size_t *length);

/* Appends a JSON string of this text, UTF-8 without NUL: for what is written without a document. In
 * json_text.c. */
void js_put_string(struct text *text, const char *string, size_t length);

/* Calls `visit` for each member in the order written, until it returns false. True if all were
 * visited. */
bool js_each(const struct json_object *object,
             bool (*visit)(void *context, const char *name, struct json_object *value),
             void *context);

#endif
