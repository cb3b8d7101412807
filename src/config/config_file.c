/* SPDX-License-Identifier: MIT */
#include "config/config_file.h"

#include <string.h>

#include "base/ascii.h"

/* Locale-free: what a name is does not depend on who starts us. */
static bool is_letter(char c)
{
    return ascii_is_letter(c) || c == '_';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && is_blank(*at)) {
        at++;
    }
    return at;
}

/* True if only blanks, or blanks and a comment, are left after a closing quote. */
static bool only_comment(const char *at, const char *end)
{
    const char *next = skip_blanks(at, end);
    return next == end || (next > at && *next == '#');
}

static const char *quoted_value(const char *at, const char *end, char *value)
{
    char quote = *at++;
    size_t used = 0;
    for (; at < end && *at != quote; at++) {
        if (quote == '"' && *at == '\\' && at + 1 < end && (at[1] == '"' || at[1] == '\\')) {
            at++;
        }
        value[used++] = *at;
    }
    value[used] = '\0';
    if (at == end) {
        return "the quote is not closed; close it on the same line";
    }
    return only_comment(at + 1, end)
               ? NULL
               : "text after the closing quote; only ' # a comment' may follow it";
}

static void bare_value(const char *at, const char *end, char *value)
{
    const char *stop = at;
    while (stop < end &&
           !(*stop == '#' && is_blank(stop[-1]))) { /* before it is at least the `=` */
        stop++;
    }
    while (stop > at && is_blank(stop[-1])) {
        stop--;
    }
    memcpy(value, at, (size_t)(stop - at));
    value[stop - at] = '\0';
}

bool config_file_value(char *out, const char *text)
{
    size_t used = 0;
    bool plain = *text != '"' && *text != '\'' && strchr(text, '#') == NULL;
    if (strstr(text, "${") != NULL || strstr(text, "$(") != NULL ||
        2 * strlen(text) + 3 > CONFIG_ITEM_MAX) {
        return false;
    }
    if (plain && strchr(text, ' ') == NULL) {
        memcpy(out, text, strlen(text) + 1);
        return true;
    }
    out[used++] = '"';
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            out[used++] = '\\';
        }
        out[used++] = *text;
    }
    out[used++] = '"';
    out[used] = '\0';
    return true;
}

/* Skips `export` if a name follows it; `export=x` is a variable of that name. */
static const char *skip_export(const char *at, const char *end)
{
    static const char word[] = "export";
    size_t length = sizeof word - 1;
    if ((size_t)(end - at) <= length || memcmp(at, word, length) != 0 || !is_blank(at[length])) {
        return at;
    }
    const char *next = skip_blanks(at + length, end);
    return next < end && *next != '=' ? next : at;
}

/* One line that is neither empty nor a comment. Returns what is wrong with it, or NULL. */
static const char *parse_line(const char *at, const char *end, char *value,
                              struct config_assignment *found)
{
    static const char no_equals[] = "no '=' in it; write NAME=value, or '#' before a comment";
    static const char bad_name[] =
        "the text before '=' is not a name; a name has letters, digits and '_' only, and no "
        "digit first";
    at = skip_export(at, end);
    found->name = at;
    while (at < end && (is_letter(*at) || (at > found->name && *at >= '0' && *at <= '9'))) {
        at++;
    }
    found->name_length = (size_t)(at - found->name);
    const char *after = skip_blanks(at, end);
    if (found->name_length == 0 || after == end || *after != '=') {
        return memchr(after, '=', (size_t)(end - after)) == NULL ? no_equals : bad_name;
    }
    at = skip_blanks(after + 1, end);
    found->value = value;
    if (at < end && (*at == '"' || *at == '\'')) {
        const char *why = quoted_value(at, end, value);
        if (why != NULL) {
            return why;
        }
    } else {
        bare_value(at, end, value);
    }
    bool raw = at < end && *at == '\'';
    found->expansion = !raw && (strstr(value, "${") != NULL || strstr(value, "$(") != NULL);
    return NULL;
}

static const char *take_line(const char *at, const char *end, unsigned number,
                             const struct config_file_reader *reader)
{
    if (end > at && end[-1] == '\r') {
        end--;
    }
    size_t length = (size_t)(end - at);
    if (memchr(at, '\0', length) != NULL) {
        return "a NUL byte; the file must be text in UTF-8 (was it saved as UTF-16?)";
    }
    if (length > CONFIG_LINE_MAX) {
        return "longer than 4096 bytes; shorten it";
    }
    if (memchr(at, '\r', length) != NULL) { /* else one `#` could hide a whole file */
        return "a carriage return inside the line; save the file with LF or CRLF line ends";
    }
    at = skip_blanks(at, end);
    if (at == end || *at == '#') {
        return NULL;
    }
    char value[CONFIG_LINE_MAX + 1];
    struct config_assignment found = {.line = number};
    const char *why = parse_line(at, end, value, &found);
    if (why == NULL) {
        reader->assignment(reader->context, &found);
    }
    return why;
}

unsigned config_file_parse(const char *text, size_t length, const struct config_file_reader *reader)
{
    static const char mark[] = "\xef\xbb\xbf";
    const char *at = text;
    const char *end = text + length;
    if (length >= sizeof mark - 1 && memcmp(text, mark, sizeof mark - 1) == 0) {
        at += sizeof mark - 1;
    }
    unsigned faults = 0;
    for (unsigned number = 1; at < end; number++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline != NULL ? newline : end;
        const char *why = take_line(at, stop, number, reader);
        if (why != NULL) {
            reader->fault(reader->context, number, why);
            if (++faults == CONFIG_FILE_FAULTS) {
                break;
            }
        }
        at = newline != NULL ? newline + 1 : end;
    }
    return faults;
}
