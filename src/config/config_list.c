/* SPDX-License-Identifier: MIT */
#include "config/config_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/config_build.h"
#include "config/config_uri.h"

/* One that begins with a quote ends with it: 'raw', or "with \\" and \\\\ as escapes"; what is in
 * it goes into `out`. NULL, with *at behind it; or what is wrong. */
static const char *quoted_item(const char **at, char *out)
{
    const char quote = **at;
    const char *from = *at + 1;
    while (*from != '\0' && *from != quote) {
        if (quote == '"' && *from == '\\' && (from[1] == '"' || from[1] == '\\')) {
            from++;
        }
        *out++ = *from++;
    }
    *out = '\0';
    if (*from == '\0') {
        return "has a quote that is not closed; close it, or put one that is meant as such into "
               "the other kind of quotes";
    }
    *at = from + 1;
    return strchr(CONFIG_SEPARATORS, **at) != NULL
               ? NULL /* or the end */
               : "has text right after a closing quote; put a space or comma there";
}

bool config_item(char *out, const char *text, size_t length)
{
    bool plain = length > 0 && text[0] != '\'' && text[0] != '"';
    bool raw = true;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < 0x20 || text[i] > 0x7e || 2 * length + 3 > CONFIG_ITEM_MAX) {
            return false;
        }
        plain = plain && strchr(CONFIG_SEPARATORS, text[i]) == NULL;
        raw = raw && text[i] != '\'';
    }
    if (length == 0) {
        return false;
    }
    if (plain) {
        memcpy(out, text, length);
        out[length] = '\0';
        return true;
    }
    const char quote = raw ? '\'' : '"';
    *out++ = quote;
    for (size_t i = 0; i < length; i++) {
        if (!raw && (text[i] == '"' || text[i] == '\\')) {
            *out++ = '\\';
        }
        *out++ = text[i];
    }
    *out++ = quote;
    *out = '\0';
    return true;
}

/* Takes one item at *at, which is not at its end, and moves behind it. NULL, or what is wrong. */
static const char *next_item(const char **at, char *item)
{
    if (**at == '\'' || **at == '"') {
        const char *why = quoted_item(at, item);
        return why == NULL && *item == '\0' ? "has an empty pair of quotes; remove it" : why;
    }
    size_t length = strcspn(*at, CONFIG_SEPARATORS);
    memcpy(item, *at, length);
    item[length] = '\0';
    *at += length;
    return NULL;
}

void config_take_list(struct config_build *build, enum config_name name, const char *text,
                      void *field)
{
    char ***list = field;
    if (!config_is_ascii(text)) {
        config_refuse(
            build, name,
            "holds an octet that is not printable ASCII (a pasted quotation mark?); type it again");
        return;
    }
    *list = calloc(strlen(text) / 2 + 2, sizeof **list);
    char *item CLEANUP(cleanup_free) = malloc(strlen(text) + 1);
    if (!config_have_memory(build, *list) || !config_have_memory(build, item)) {
        return;
    }
    size_t count = 0;
    for (const char *at = text + strspn(text, CONFIG_SEPARATORS); *at != '\0';
         at += strspn(at, CONFIG_SEPARATORS)) {
        const char *why = next_item(&at, item);
        if (why != NULL) {
            config_refuse(build, name, "%s", why);
            return;
        }
        config_keep(build, item, &(*list)[count]);
        if ((*list)[count++] == NULL) {
            return;
        }
    }
    if (count == 0) {
        config_refuse(build, name,
                      "names nothing; write at least one, several with spaces between them");
    }
}

void config_release_list(void *field)
{
    char ***list = field;
    for (size_t i = 0; *list != NULL && (*list)[i] != NULL; i++) {
        free((*list)[i]);
    }
    free(*list);
}
