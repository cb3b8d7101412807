/* SPDX-License-Identifier: MIT */
#include "policy/value.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/utf8.h"
#include "json/json.h"

#define SHOWN_MAX 60

/* What ends every bare value; nothing of it can stand in one. */
static bool is_end(char c)
{
    return c == ' ' || c == '|';
}

/* C0, DEL and C1: none of them can be seen in a file, or sent in a header. */
static bool is_control(const char *at, size_t octets)
{
    const unsigned char first = (unsigned char)*at;
    return first < 0x20 || first == 0x7f ||
           (octets == 2 && first == 0xc2 && (unsigned char)at[1] < 0xa0);
}

/* Printable ASCII but the space, " ' \ and |: nearly all of what is written, and it needs no closer
 * look, in quotes or out of them. A list of revoked tokens has a million of them, which each plain
 * CGI request reads. */
static bool is_plain(char c)
{
    return c > 0x20 && c < 0x7f && c != '\'' && c != '"' && c != '\\' && c != '|';
}

static const char *skip_plain(const char *at, const char *end, char stop)
{
    while (at < end && is_plain(*at) && *at != stop) {
        at++;
    }
    return at;
}

/* The message with the right spelling of what stands there, if it can be shown in a line. */
static bool refuse_bare(const char *word, const char *end, struct diag *diag)
{
    char spelled[2 * SHOWN_MAX + 1];
    size_t used = 0;
    for (const char *at = word; at < end && !is_end(*at); at++) {
        if (*at < 0x20 || *at > 0x7e || *at == '"' || *at == '\\' || used + 2 > 2 * SHOWN_MAX) {
            memcpy(spelled, "Team A", sizeof "Team A");
            used = strlen(spelled);
            break;
        }
        spelled[used++] = *at;
        if (*at == '\'') {
            spelled[used++] = '\'';
        }
    }
    spelled[used] = '\0';
    diag_set(diag,
             "what has a quote, a backslash or a character beyond ASCII in it stands in single "
             "quotes, and a single quote in it is written twice: '%s'",
             spelled);
    return false;
}

/* `stop`: what ends it as well; '\0': nothing. */
static bool read_bare(const char **at, const char *end, char stop, char *out, size_t *length,
                      struct diag *diag)
{
    const char *word = *at;
    for (*at = skip_plain(*at, end, stop);
         *at < end && !is_end(**at) && (stop == '\0' || **at != stop);
         *at = skip_plain(*at, end, stop)) {
        const size_t octets = utf8_character(*at, end, NULL);
        if (octets == 0) {
            diag_set(diag, "this is not UTF-8");
            return false;
        }
        if (is_control(*at, octets)) {
            diag_set(diag, "a control character stands here; nothing can have one");
            return false;
        }
        if (octets > 1 || strchr("'\"\\", **at) != NULL) {
            return refuse_bare(word, end, diag);
        }
        (*at)++;
    }
    *length = (size_t)(*at - word);
    memcpy(out, word, *length);
    return true;
}

/* From its opening quote. */
static bool read_quoted(const char **at, const char *end, char *out, size_t *length,
                        struct diag *diag)
{
    const char *opening = (*at)++;
    while (*at < end) {
        const char *other = skip_plain(*at, end, '\0');
        const size_t plain = (size_t)(other - *at);
        memcpy(out + *length, *at, plain);
        *length += plain;
        *at = other;
        if (*at == end) {
            break;
        }
        size_t octets = utf8_character(*at, end, NULL);
        if (**at == '\'') {
            if (*at + 1 == end || (*at)[1] != '\'') {
                (*at)++;
                return true;
            }
            (*at)++; /* the first of two */
        } else if (octets == 0) {
            diag_set(diag, "this is not UTF-8");
            return false;
        } else if (is_control(*at, octets)) {
            diag_set(diag, "a control character stands here; nothing can have one");
            return false;
        }
        memcpy(out + *length, *at, octets);
        *length += octets;
        *at += octets;
    }
    *at = opening;
    diag_set(diag, "the quote that begins here does not end; a single quote in what is quoted is "
                   "written twice: 'it''s'");
    return false;
}

static bool read_either(const char **at, const char *end, char stop, char *out, size_t *length,
                        struct diag *diag)
{
    *length = 0;
    if (*at < end && **at == '\'') {
        return read_quoted(at, end, out, length, diag);
    }
    return read_bare(at, end, stop, out, length, diag);
}

bool value_read(const char **at, const char *end, char *out, size_t *length, struct diag *diag)
{
    const char *begin = *at;
    if (!read_either(at, end, '\0', out, length, diag)) {
        return false;
    }
    if (*at == begin) {
        diag_set(diag, "a value is missing; one with a space is written in quotes: 'Team A'");
        return false;
    }
    return true;
}

static void put_quoted(struct text *text, const char *value, size_t length)
{
    const char *end = value + length;
    text_puts(text, "'");
    for (const char *quote = NULL; value < end; value = quote + 1) {
        quote = memchr(value, '\'', (size_t)(end - value));
        if (quote == NULL) {
            text_put(text, value, (size_t)(end - value));
            break;
        }
        text_put(text, value, (size_t)(quote - value));
        text_puts(text, "''");
    }
    text_puts(text, "'");
}

void value_write(struct text *text, const char *value, size_t length)
{
    const char *end = value + length;
    if (length > 0 && skip_plain(value, end, '\0') == end) {
        text_put(text, value, length);
    } else {
        put_quoted(text, value, length);
    }
}

bool value_read_name(const char **at, const char *end, char *steps, size_t *used, struct diag *diag)
{
    const char *begin = *at;
    size_t length = 0;
    if (!read_either(at, end, '=', steps, &length, diag)) {
        return false;
    }
    if (begin < end && *begin != '\'' && length > 0 && steps[length - 1] == '~') {
        if (*at == end || **at != '=' || (length > 1 && steps[length - 2] == '~')) {
            diag_set(diag, "a name that ends in ~ is written in quotes: 'name~'");
            return false;
        }
        length--;
        (*at)--;
    }
    if (*at == begin) {
        diag_set(diag, "the name of a claim is missing; one with a space, a | or a = is written in "
                       "quotes: 'a b'");
        return false;
    }
    if (!js_path_read(steps, length, steps, used)) {
        *at = begin;
        diag_set(diag, "a name that begins with / is a JSON Pointer, in which ~ is written ~0, and "
                       "a / in a member's name ~1");
        return false;
    }
    return true;
}

/* The name as value_read_name() has it before it follows the steps. */
static void put_name(struct text *text, const char *steps, size_t used)
{
    const bool pointer = *steps == '/' || strlen(steps) + 1 < used;
    for (const char *at = steps; pointer && at < steps + used; at += strlen(at) + 1) {
        text_puts(text, "/");
        for (const char *c = at; *c != '\0'; c++) {
            if (*c == '~' || *c == '/') {
                text_puts(text, *c == '~' ? "~0" : "~1");
            } else {
                text_put(text, c, 1);
            }
        }
    }
    text_puts(text, pointer ? "" : steps);
}

void value_write_name(struct text *text, const char *steps, size_t used)
{
    struct text name CLEANUP(text_clear) = {0};
    put_name(&name, steps, used);
    if (name.failed) {
        text->failed = true;
    } else if (name.length > 0 && (memchr(name.bytes, '=', name.length) != NULL ||
                                   name.bytes[name.length - 1] == '~')) {
        put_quoted(text, name.bytes, name.length);
    } else {
        value_write(text, name.length > 0 ? name.bytes : "", name.length);
    }
}
