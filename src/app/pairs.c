/* SPDX-License-Identifier: MIT */
#include "app/pairs.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

static int hexadecimal(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One name or value, at *to, which is moved behind its NUL. */
static bool decode(const char *text, size_t length, char **to)
{
    char *const begin = *to;
    char *out = begin;
    for (size_t i = 0; i < length; i++) {
        char c = text[i] == '+' ? ' ' : text[i];
        if (c == '%') {
            const int high = length - i > 2 ? hexadecimal(text[i + 1]) : -1;
            const int low = length - i > 2 ? hexadecimal(text[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (c == '\0') {
            return false;
        }
        *out++ = c;
    }
    for (const char *at = begin; at < out;) {
        const size_t octets = utf8_character(at, out, NULL);
        if (octets == 0) {
            return false;
        }
        at += octets;
    }
    *out++ = '\0';
    *to = out;
    return true;
}

/* How many octets the pairs can take: each has two NULs, where it had a `&` and a `=` at most. */
static size_t room(const char *text, size_t length)
{
    size_t pieces = 1;
    for (size_t i = 0; i < length; i++) {
        pieces += text[i] == '&' ? 1 : 0;
    }
    return length + 2 * pieces;
}

enum bearer_code pairs_read(struct arena *arena, const char *text, size_t length,
                            struct pairs *pairs)
{
    *pairs = (struct pairs){0};
    char *to = arena_take(arena, room(text, length));
    if (to == NULL) {
        return BEARER_DENIED;
    }
    const char *const begin = to;
    size_t count = 0;
    for (const char *const end = text + length; text < end;) {
        const char *stop = memchr(text, '&', (size_t)(end - text));
        stop = stop != NULL ? stop : end;
        const char *equals = memchr(text, '=', (size_t)(stop - text));
        const char *const name_end = equals != NULL ? equals : stop;
        const char *const value = equals != NULL ? equals + 1 : stop;
        if (stop > text) {
            if (!decode(text, (size_t)(name_end - text), &to) ||
                !decode(value, (size_t)(stop - value), &to)) {
                return BEARER_BAD_ENCODING;
            }
            count++;
        }
        text = stop + 1;
    }
    *pairs = (struct pairs){begin, count};
    return BEARER_OK;
}

const char *pairs_next(struct pairs_walk *walk, const char *name)
{
    while (walk->left > 0) {
        const char *const one = walk->at;
        const char *const value = one + strlen(one) + 1;
        walk->at = value + strlen(value) + 1;
        walk->left--;
        if (strcmp(one, name) == 0) {
            return value;
        }
    }
    return NULL;
}

const char *pairs_find(const struct pairs *pairs, const char *name, size_t index)
{
    struct pairs_walk walk = {pairs->bytes, pairs->count};
    const char *value = pairs_next(&walk, name);
    while (value != NULL && index > 0) {
        value = pairs_next(&walk, name);
        index--;
    }
    return value;
}
