/* SPDX-License-Identifier: MIT */
/* Reads JSON: the grammar of RFC 8259, without exceptions, once. What it says is built of json-c's
 * values as it is read. json-c's own reader is not used, for even when it is to be strict
 * - it takes NaN, single quotes and a name twice, and cuts a name at U+0000;
 * - it reads some characters as U+FFFD (U+1DE00, a lone surrogate), and 0.18 none beyond ASCII;
 * - it makes values before anybody can say what they may cost, and does not look whether its copy
 *   of a member's name was made. */
#include "json/json_internal.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/utf8.h"

struct parse {
    const unsigned char *at, *end;
    /* For names, strings and numbers, unescaped and NUL-terminated: never more octets than their
     * text has. */
    char *room;
    unsigned depth;
    /* with the reason, whoever has found one */
    struct js_account account;
};

static bool value(struct parse *p, struct json_object **made);

static bool refuse(struct parse *p, const char *why)
{
    p->account.why = why;
    return false;
}

/* What was made, if it was. */
static bool keep(struct json_object **made, struct json_object *value)
{
    *made = value;
    return value != NULL;
}

static void space(struct parse *p)
{
    while (p->at < p->end &&
           (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r')) {
        p->at++;
    }
}

static bool take(struct parse *p, unsigned char c)
{
    if (p->at < p->end && *p->at == c) {
        p->at++;
        return true;
    }
    return false;
}

static bool hex4(struct parse *p, unsigned *unit)
{
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        if (p->at == p->end) {
            return false;
        }
        unsigned char c = *p->at++;
        unsigned digit = 0;
        if (c >= '0' && c <= '9') {
            digit = c - '0';
        } else if (c >= 'a' && c <= 'f') {
            digit = c - 'a' + 10;
        } else if (c >= 'A' && c <= 'F') {
            digit = c - 'A' + 10;
        } else {
            return false;
        }
        *unit = *unit << 4 | digit;
    }
    return true;
}

/* A character that is no NUL, as UTF-8. */
static void put(struct parse *p, unsigned character)
{
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    unsigned octets = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (unsigned i = octets - 1; i > 0; i--) {
        p->room[i] = (char)(0x80 | (character & 0x3f));
        character >>= 6;
    }
    p->room[0] = (char)(leads[octets == 1 ? 0 : octets] | character);
    p->room += octets;
}

/* After `\u`: one UTF-16 unit, or two that are a surrogate pair. */
static bool escaped_unit(struct parse *p)
{
    unsigned unit = 0;
    if (!hex4(p, &unit)) {
        return refuse(p, "a \\u escape without four hex digits");
    }
    if (unit == 0) {
        return refuse(p, "U+0000 in a string");
    }
    if (unit >= 0xdc00 && unit <= 0xdfff) {
        return refuse(p, "a lone surrogate in a string");
    }
    if (unit >= 0xd800 && unit <= 0xdbff) {
        unsigned low = 0;
        if (!take(p, '\\') || !take(p, 'u') || !hex4(p, &low) || low < 0xdc00 || low > 0xdfff) {
            return refuse(p, "a lone surrogate in a string");
        }
        unit = 0x10000 + ((unit - 0xd800) << 10 | (low - 0xdc00));
    }
    put(p, unit);
    return true;
}

/* After the backslash. */
static bool escape(struct parse *p)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meant[] = "\"\\/\b\f\n\r\t";
    if (p->at == p->end) {
        return refuse(p, "a string does not end");
    }
    unsigned char c = *p->at++;
    if (c == 'u') {
        return escaped_unit(p);
    }
    const char *found = c == '\0' ? NULL : strchr(letters, c);
    if (found == NULL) {
        return refuse(p, "an unknown escape in a string");
    }
    *p->room++ = meant[found - letters];
    return true;
}

/* Copies what stands for itself, and leaves at what does not: an escape, a quote, a control
 * character. */
static bool plain(struct parse *p)
{
    const unsigned char *first = p->at;
    while (p->at < p->end && *p->at >= 0x20 && *p->at != '"' && *p->at != '\\') {
        const size_t octets =
            *p->at < 0x80 ? 1 : utf8_character((const char *)p->at, (const char *)p->end, NULL);
        if (octets == 0) {
            return refuse(p, "invalid UTF-8");
        }
        p->at += octets;
    }
    size_t length = (size_t)(p->at - first);
    memcpy(p->room, first, length);
    p->room += length;
    return true;
}

/* Leaves the octets at the room's old place, with a NUL behind them, and *length without it. */
static bool string(struct parse *p, size_t *length)
{
    const char *start = p->room;
    if (!take(p, '"')) {
        return refuse(p, "a name or value that is not JSON");
    }
    while (plain(p) && take(p, '\\')) {
        if (!escape(p)) {
            return false;
        }
    }
    if (p->account.why != NULL) {
        return false;
    }
    if (p->at < p->end && *p->at < 0x20) {
        return refuse(p, "a raw control character in a string");
    }
    if (!take(p, '"')) {
        return refuse(p, "a string does not end");
    }
    *length = (size_t)(p->room - start);
    *p->room++ = '\0';
    return true;
}

static bool string_value(struct parse *p, struct json_object **made)
{
    char *text = p->room;
    size_t length = 0;
    bool good = string(p, &length) && keep(made, js_make_string(&p->account, text, length));
    p->room = text;
    return good;
}

static bool digits(struct parse *p)
{
    const unsigned char *start = p->at;
    while (p->at < p->end && *p->at >= '0' && *p->at <= '9') {
        p->at++;
    }
    return p->at > start;
}

static bool number_text(struct parse *p)
{
    static const char why[] = "a number that is not JSON";
    (void)take(p, '-');
    if (!take(p, '0') && !digits(p)) {
        return refuse(p, why);
    }
    if (take(p, '.') && !digits(p)) {
        return refuse(p, why);
    }
    if (take(p, 'e') || take(p, 'E')) {
        if (!take(p, '+')) {
            (void)take(p, '-');
        }
        if (!digits(p)) {
            return refuse(p, why);
        }
    }
    return true; /* "01" leaves its 1 behind, where only , ] } or the end may stand */
}

static bool number(struct parse *p, struct json_object **made)
{
    const unsigned char *start = p->at;
    if (!number_text(p)) {
        return false;
    }
    size_t length = (size_t)(p->at - start);
    memcpy(p->room, start, length);
    p->room[length] = '\0';
    return keep(made, js_make_number(&p->account, p->room, length));
}

static bool word(struct parse *p, const char *text)
{
    size_t n = strlen(text);
    if ((size_t)(p->end - p->at) < n || memcmp(p->at, text, n) != 0) {
        return refuse(p, "a name or value that is not JSON");
    }
    p->at += n;
    return true;
}

static bool member(struct parse *p, struct json_object *object)
{
    struct json_object *made CLEANUP(js_cleanup) = NULL;
    const char *name = p->room;
    size_t length = 0;
    if (!string(p, &length)) {
        return false;
    }
    if (json_object_object_get_ex(object, name, NULL)) {
        return refuse(p, "a name twice in one object");
    }
    space(p);
    if (!take(p, ':')) {
        return refuse(p, "a name without a colon");
    }
    if (!value(p, &made) || !js_make_member(&p->account, object, name, length, made)) {
        return false;
    }
    made = NULL;
    return true;
}

static bool element(struct parse *p, struct json_object *array)
{
    struct json_object *made CLEANUP(js_cleanup) = NULL;
    if (!value(p, &made) || !js_make_element(&p->account, array, made)) {
        return false;
    }
    made = NULL;
    return true;
}

/* The members of an object or the elements of an array, after the opening bracket. */
static bool contents(struct parse *p, bool (*one)(struct parse *, struct json_object *),
                     unsigned char closing, struct json_object *container)
{
    space(p);
    if (take(p, closing)) {
        return true;
    }
    do {
        char *room = p->room;
        space(p);
        if (!one(p, container)) {
            return false;
        }
        p->room = room;
        space(p);
    } while (take(p, ','));
    return take(p, closing) ? true : refuse(p, "a missing comma or closing bracket");
}

static bool container(struct parse *p, struct json_object **made)
{
    if (p->depth == JS_DEPTH_MAX) {
        return refuse(p, "nesting deeper than 32");
    }
    p->depth++;
    bool named = *p->at++ == '{';
    bool good = keep(made, named ? js_make_object(&p->account) : js_make_array(&p->account)) &&
                contents(p, named ? member : element, named ? '}' : ']', *made);
    p->depth--;
    return good;
}

/* Sets *made in any case, perhaps to a part of the value: the caller owns it. */
static bool value(struct parse *p, struct json_object **made)
{
    *made = NULL; /* which is also json-c's null */
    space(p);
    if (p->at == p->end) {
        return refuse(p, "the text ends too early");
    }
    switch (*p->at) {
    case '{':
    case '[':
        return container(p, made);
    case '"':
        return string_value(p, made);
    case 't':
        return word(p, "true") && keep(made, js_make_boolean(&p->account, true));
    case 'f':
        return word(p, "false") && keep(made, js_make_boolean(&p->account, false));
    case 'n':
        return word(p, "null");
    default:
        return number(p, made);
    }
}

static bool document(struct parse *p, struct json_object **made)
{
    space(p);
    if (p->at == p->end || *p->at != '{') {
        return refuse(p, "not a JSON object");
    }
    if (!value(p, made)) {
        return false;
    }
    space(p);
    return p->at == p->end ? true : refuse(p, "something follows the JSON object");
}

struct json_object *js_parse_held(const char *text, size_t length, const char **why, size_t *held)
{
    struct parse p = {.at = (const unsigned char *)text,
                      .end = (const unsigned char *)text + length};
    struct json_object *made CLEANUP(js_cleanup) = NULL;
    char *room CLEANUP(cleanup_free) = NULL;
    if (length > JS_TEXT_MAX) {
        p.account.why = "longer than 1 MiB";
    } else {
        js_account_open(&p.account, length);
        (void)js_afford(&p.account, memory_block(length + 1)); /* the least of what there is */
        room = p.room = malloc(length + 1);
        p.account.why = room == NULL ? js_no_memory : NULL;
    }
    if (p.account.why == NULL && document(&p, &made)) {
        js_give_back(&p.account, memory_block(length + 1));
        *held = p.account.held;
        return steal(&made);
    }
    if (why != NULL) {
        *why = p.account.why;
    }
    return NULL;
}

struct json_object *js_parse(const char *text, size_t length, const char **why)
{
    size_t held = 0;
    return js_parse_held(text, length, why, &held);
}

struct json_object *js_parse_document(const char *text, size_t length, const char **why)
{
    static const char mark[] = "\xef\xbb\xbf";
    const size_t skipped =
        length >= sizeof mark - 1 && memcmp(text, mark, sizeof mark - 1) == 0 ? sizeof mark - 1 : 0;
    return js_parse(text + skipped, length - skipped, why);
}
