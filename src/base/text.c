/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

bool text_room(struct text *text, size_t octets)
{
    if (text->size - text->length <= octets) { /* one more, for the NUL */
        size_t size = (text->length + octets + 1) * 2;
        char *grown = realloc(text->bytes, size);
        if (grown == NULL) {
            text->failed = true;
            return false;
        }
        text->bytes = grown;
        text->size = size;
    }
    return true;
}

void text_put(struct text *text, const char *bytes, size_t length)
{
    if (text->failed || !text_room(text, length)) {
        return;
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_puts(struct text *text, const char *string)
{
    text_put(text, string, strlen(string));
}

void text_clear(struct text *text)
{
    free(text->bytes);
    *text = (struct text){0};
}
