/* SPDX-License-Identifier: MIT */
/* What the fuzzers share. Each is a file fuzz_NAME.c with LLVMFuzzerTestOneInput(): ./dev fuzz
 * links it with libFuzzer, `make check` with fuzz_main.c, which replays tests/fuzz/corpus/NAME.
 * Inputs are text as far as possible, so that a person can read and write them. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Judges one input; does not return if something is wrong. Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Called once before it, where a target has one. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* What must hold for every input: ends the program with the message if it does not. */
#define must_hold(condition, ...)                                      \
    do {                                                               \
        if (!(condition)) {                                            \
            fprintf(stderr, "%s:%d: must hold: ", __FILE__, __LINE__); \
            fprintf(stderr, __VA_ARGS__);                              \
            fputc('\n', stderr);                                       \
            abort();                                                   \
        }                                                              \
    } while (0)

/* A part of the input; not NUL-terminated. */
struct piece {
    const char *text;
    size_t length;
};

/* Takes what stands before the next `end` off *rest, `end` too; all of it if there is none. */
__attribute__((unused)) static struct piece take_until(struct piece *rest, char end)
{
    struct piece taken = *rest;
    const char *found = rest->length > 0 ? memchr(rest->text, end, rest->length) : NULL;
    size_t used = rest->length;
    if (found != NULL) {
        taken.length = (size_t)(found - rest->text);
        used = taken.length + 1;
    }
    rest->text += used;
    rest->length -= used;
    return taken;
}

__attribute__((unused)) static void *have(void *memory)
{
    must_hold(memory != NULL, "memory");
    return memory;
}

/* A copy with not an octet more, so that a sanitizer sees whoever reads on. The caller's to
 * free(). */
__attribute__((unused)) static char *exact_copy(struct piece piece)
{
    char *copy = have(malloc(piece.length > 0 ? piece.length : 1));
    if (piece.length > 0) {
        memcpy(copy, piece.text, piece.length);
    }
    return copy;
}

/* The same as a string; it ends at the first NUL. */
__attribute__((unused)) static char *string_copy(struct piece piece)
{
    char *copy = have(calloc(piece.length + 1, 1));
    if (piece.length > 0) {
        memcpy(copy, piece.text, piece.length);
    }
    copy[piece.length] = '\0';
    return copy;
}

/* Something to show to a person, and not nothing: one line of printable ASCII. */
__attribute__((unused)) static bool is_message(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < 0x20 || *c > 0x7e) {
            return false;
        }
    }
    return *text != '\0';
}

#endif
