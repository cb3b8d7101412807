/* SPDX-License-Identifier: MIT */
#include "policy/requirements.h"

#include <stdlib.h>
#include <string.h>

struct requirement_entry {
    size_t length;
    struct requirement requirement;
    /* with its NUL */
    char text[];
};

/* Moves the one at `index` to the front. */
static void to_front(struct requirements *requirements, size_t index)
{
    struct requirement_entry *entry = requirements->entries[index];
    memmove(requirements->entries + 1, requirements->entries, index * sizeof(entry));
    requirements->entries[0] = entry;
}

static struct requirement_entry *read_entry(const char *text, size_t length, struct diag *diag)
{
    struct requirement_entry *entry = malloc(sizeof *entry + length + 1);
    if (entry == NULL) {
        diag_set(diag, "out of memory");
        return NULL;
    }
    entry->length = length;
    memcpy(entry->text, text, length + 1);
    if (!requirement_parse(entry->text, &entry->requirement, diag)) {
        free(entry);
        return NULL;
    }
    return entry;
}

const struct requirement *requirements_find(struct requirements *requirements, const char *text,
                                            struct diag *diag)
{
    const size_t length = strlen(text);
    for (size_t i = 0; i < requirements->count; i++) {
        const struct requirement_entry *entry = requirements->entries[i];
        if (entry->length == length && memcmp(entry->text, text, length) == 0) {
            if (i > 0) {
                to_front(requirements, i);
            }
            return &entry->requirement;
        }
    }
    struct requirement_entry *entry = read_entry(text, length, diag);
    if (entry == NULL) {
        return NULL;
    }
    if (requirements->count < REQUIREMENTS_MAX) {
        requirements->count++;
    } else {
        free(requirements->entries[REQUIREMENTS_MAX - 1]);
    }
    requirements->entries[requirements->count - 1] = entry;
    to_front(requirements, requirements->count - 1);
    return &entry->requirement;
}

void requirements_clear(struct requirements *requirements)
{
    for (size_t i = 0; i < requirements->count; i++) {
        free(requirements->entries[i]);
    }
    *requirements = (struct requirements){0};
}
