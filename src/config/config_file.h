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
    const char *name; /* not NUL-terminated */
    size_t name_length;
    const char *value; /* NUL-terminated, unquoted; never holds a NUL or a line end */
    bool expansion;    /* holds "${" or "$(" outside single quotes: elsewhere that would have been expanded */
    unsigned line;     /* from 1 */
};

struct config_file_reader {
    void (*assignment)(void *context, const struct config_assignment *assignment);
    /* `why` says what is wrong and what to write; it never holds text of the file, which may be a secret. */
    void (*fault)(void *context, unsigned line, const char *why);
    void *context;
};

/* Tells `reader` of every assignment and every bad line in order. Returns the number of bad lines. The grammar, line by line (LF or
 * CRLF; a byte order mark before the first): blanks, then nothing, or `#` and a comment, or
 *     [export ] NAME = value [ # comment]
 * NAME is [A-Za-z_][A-Za-z0-9_]*. The value is 'raw', or "with \" and \\ as the only escapes", or bare text, which ends before
 * a blank with `#` and loses blanks at its ends. Nothing is expanded; no value spans lines. */
unsigned config_file_parse(const char *text, size_t length, const struct config_file_reader *reader);

#endif
