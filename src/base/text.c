#include "base/text.h"

#include <stdlib.h>
#include <string.h>

void text_put(struct text *text, const char *bytes, size_t length)
{
    if (text->failed) {
        return;
    }
    if (text->size - text->length <= length) { /* one more, for the NUL */
        size_t size = (text->length + length + 1) * 2;
        char *grown = realloc(text->bytes, size);
        if (grown == NULL) {
            text->failed = true;
            return;
        }
        text->bytes = grown;
        text->size = size;
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
