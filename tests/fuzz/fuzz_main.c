/* SPDX-License-Identifier: MIT */
/* Replays inputs through a fuzz target: the files and directories named, else its corpus, each
 * input whole and cut at many places. */
#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>

#include "fuzz.h"

#include "../unit/tap.h"

#define CUTS_MAX 100 /* places where an input is cut, at most */

__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

__attribute__((noreturn)) static void bail(const char *what)
{
    printf("Bail out! %s: ", what);
    fflush(stdout);
    perror(NULL);
    exit(99);
}

static char *read_all(const char *path, size_t *length)
{
    struct stat st;
    FILE *file = fopen(path, "rbe");
    if (file == NULL || fstat(fileno(file), &st) != 0) {
        bail(path);
    }
    char *bytes = malloc((size_t)st.st_size + 1);
    if (bytes == NULL) {
        bail(path);
    }
    *length = fread(bytes, 1, (size_t)st.st_size, file);
    fclose(file);
    return bytes;
}

static void judge(const char *bytes, size_t length)
{
    char *copy = exact_copy((struct piece){bytes, length});
    LLVMFuzzerTestOneInput((const uint8_t *)copy, length);
    free(copy);
}

static void replay_file(const char *path, const char *name)
{
    size_t length = 0;
    char *bytes = read_all(path, &length);
    printf("# %s\n", name); /* the last one said, should the program end here */
    fflush(stdout);
    judge(bytes, length);
    for (size_t cut = 0; cut < length; cut += 1 + length / CUTS_MAX) {
        judge(bytes, cut);
    }
    ok(true, "%s (%zu octets)", name, length);
    free(bytes);
}

static int no_dots(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void replay(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        bail(path);
    }
    if (!S_ISDIR(st.st_mode)) {
        replay_file(path, path);
        return;
    }
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, no_dots, alphasort);
    ok(count > 0, "there are inputs in %s", path);
    for (int i = 0; i < count; i++) {
        char file[PATH_MAX];
        snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
        replay_file(file, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

/* top_srcdir/tests/fuzz/corpus/NAME of a program fuzz_NAME. */
static void replay_corpus(const char *program)
{
    char path[PATH_MAX];
    const char *slash = strrchr(program, '/');
    const char *name = slash != NULL ? slash + 1 : program;
    const char *top = getenv("top_srcdir");
    snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s", top != NULL ? top : ".",
             name + strlen("fuzz_"));
    replay(path);
}

int main(int argc, char **argv)
{
    if (LLVMFuzzerInitialize != NULL) {
        LLVMFuzzerInitialize(&argc, &argv);
    }
    for (int i = 1; i < argc; i++) {
        replay(argv[i]);
    }
    if (argc == 1) {
        replay_corpus(argv[0]);
    }
    return tap_done();
}
