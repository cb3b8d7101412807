/* SPDX-License-Identifier: MIT */
/* A text that grows as it is put together. Failures are kept, and asked for at the end. */
#ifndef FB_BASE_TEXT_H
#define FB_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Zero is an empty text; then `bytes` is NULL, else NUL-terminated and the owner's to release with
 * free(). */
struct text {
    char *bytes;
    size_t length, size;
    /* memory ran out: what is there is not all of it */
    bool failed;
};

/* Makes room for so many octets behind those there are: who writes them to text->bytes +
 * text->length adds them to text->length. False: memory ran out, and text->failed says so. */
bool text_room(struct text *text, size_t octets);

/* Appends so many octets; nothing once it has failed. */
void text_put(struct text *text, const char *bytes, size_t length);
void text_puts(struct text *text, const char *string);
void text_clear(struct text *text); /* for CLEANUP() too */

#endif
