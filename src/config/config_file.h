/* SPDX-License-Identifier: MIT */
/* The grammar of the `.env` file, and nothing about what its names mean. */
#ifndef FB_CONFIG_CONFIG_FILE_H
#define FB_CONFIG_CONFIG_FILE_H

#include <stdbool.h>
#include <stddef.h>

#define CONFIG_FILE_MAX    (64 * 1024) /* bytes in a file */
#define CONFIG_LINE_MAX    4096        /* bytes in a line, without its end */
#define CONFIG_FILE_FAULTS 10          /* after so many bad lines the rest is not read */

/* One assignment; all of it is borrowed and gone when the callback returns. */
struct config_assignment {
    /* Not NUL-terminated. */
    const char *name;
    size_t name_length;
    /* NUL-terminated, unquoted; never holds a NUL or a line end. */
    const char *value;
    /* It holds "${" or "$(" outside single quotes: elsewhere that would have been expanded. */
    bool expansion;
    /* From 1. */
    unsigned line;
};

struct config_file_reader {
    void (*assignment)(void *context, const struct config_assignment *assignment);
    /* `why` says what is wrong and what to write; it never holds text of the file, which may be a
     * secret. */
    void (*fault)(void *context, unsigned line, const char *why);
    void *context;
};

/* Tells `reader` of every assignment and every bad line in order. Returns the number of bad lines.
 * The grammar, line by line (LF or CRLF; a byte order mark before the first): blanks, then nothing,
 * or `#` and a comment, or
 *
 *     [export ] NAME = value [ # comment]
 *
 * NAME is [A-Za-z_][A-Za-z0-9_]*. The value is 'raw', or "with \" and \\ as the only escapes", or
 * bare text, which ends before a blank with `#` and loses blanks at its ends. Nothing is expanded;
 * no value spans lines. */
unsigned config_file_parse(const char *text, size_t length,
                           const struct config_file_reader *reader);

/* A whole value as it stands in the file, for a line to copy, into `out` of CONFIG_ITEM_MAX octets.
 * False: it cannot be written, or is too long. */
#define CONFIG_ITEM_MAX 1024
bool config_file_value(char *out, const char *text);

#endif
