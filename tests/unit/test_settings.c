/* SPDX-License-Identifier: MIT */
/* The table of settings (settings.def): its rows, and that man/bearer.env.5 says the same. */
#include "config_test.h"

#include "config/config_table.h"

static const char *const names[] = {
#define SETTING(name, field, kind, scope, usual, min, max, help) #name,
#define ALIAS(name, setting)                                     #name,
#define NAME(name, kind)                                         #name,
#include "config/settings.def"
};
#define NAMES (sizeof names / sizeof names[0])

/* How often the manual has an entry for each name, as what. */
static unsigned entries[NAMES][CONFIG_KIND_OUTPUT + 1];
static unsigned strangers;

static void rows(void)
{
    char text[2000];
    for (unsigned i = 0; i < CONFIG__MAX; i++) {
        const struct config_row *row = config_row((enum config_name)i);
        ok(config_setting(row->name, strlen(row->name)) == i && *row->help != '\0' &&
               row->min <= row->max,
           "%s: a row", row->name);
        if (row->usual != NULL) {
            snprintf(text, sizeof text, BASE "%s=%s\n", row->name, row->usual);
            ok(load(text, nothing) != NULL && *said == '\0', "  its default can be written: %s",
               row->usual);
        }
        char given[80];
        snprintf(given, sizeof given, "%s=", row->name);
        char *const empty[] = {given, NULL};
        load(BASE, empty);
        has(diag.text, "  an empty one is told what it takes", row->name, "is empty", "It takes ",
            row->help, NULL);
    }
    ok(config_row(CONFIG__NAMES) != NULL && *config_name(CONFIG__NAMES) == '\0',
       "what is none has no name");
}

static void bounds(void)
{
    char text[2000];
    char range[200];
    for (unsigned i = 0; i < CONFIG__MAX; i++) {
        const struct config_row *row = config_row((enum config_name)i);
        bool bytes = row->kind == CONFIG_VALUE_BYTES;
        if (!bytes && row->kind != CONFIG_VALUE_SECONDS) {
            continue;
        }
        long long least = bytes ? 0 : (long long)row->min;
        snprintf(range, sizeof range, "%s (|from %lld to %lld|for example %s", row->name, least,
                 (long long)row->max, row->usual);
        snprintf(text, sizeof text, BASE "%s=%lld\n", row->name, (long long)row->max + 1);
        refused(text, range, row->name);
        snprintf(text, sizeof text, BASE "%s=%lld\n", row->name, least - 1);
        refused(text, range, row->name);
    }
}

/* What the manual's names of a part are. */
static enum config_kind kind_of_part(const char *title)
{
    return strncmp(title, "Only in the environment", 23) == 0    ? CONFIG_KIND_PROCESS
           : strncmp(title, "What a web server says", 22) == 0   ? CONFIG_KIND_POLICY
           : strncmp(title, "What the guarded program", 24) == 0 ? CONFIG_KIND_OUTPUT
                                                                 : CONFIG_KIND_SETTING;
}

/* Counts the names of an entry, which begins with its first. The last one's row, or NULL. */
static const struct config_row *count_entry(const char *line, size_t length, enum config_kind part)
{
    char copy[200];
    char *rest = copy;
    const struct config_row *row = NULL;
    snprintf(copy, sizeof copy, "%.*s", (int)length, line);
    for (char *word = strsep(&rest, " ,"); word != NULL; word = strsep(&rest, " ,")) {
        unsigned i = 0;
        while (i < NAMES && strcmp(names[i], word) != 0) {
            i++;
        }
        if (i < NAMES) {
            entries[i][part]++;
            row = i < CONFIG__NAMES && part == CONFIG_KIND_SETTING ? config_row((enum config_name)i)
                                                                   : NULL;
        } else if (part == CONFIG_KIND_OUTPUT && strcmp(word, CONFIG_CLAIM_VARIABLE) == 0) {
            continue; /* and a name */
        } else if (config_name_is_ours(word, strlen(word)) ||
                   (part == CONFIG_KIND_SETTING && *word != '\0')) {
            printf("# no row: %s\n", word);
            strangers++;
        }
    }
    return row;
}

/* The word behind "Default:" in an entry, "" if it says none. A macro before it, and the stop, are
 * left out. */
static const char *default_in(const char *entry, const char *end)
{
    static char word[100];
    static const char key[] = "\nDefault:";
    const char *at = memmem(entry, (size_t)(end - entry), key, sizeof key - 1);
    word[0] = '\0';
    if (at == NULL) {
        return word;
    }
    at += sizeof key - 1;
    at += strspn(at, " \n");
    if (*at == '.') {
        at += strcspn(at, " ") + 1;
    }
    snprintf(word, sizeof word, "%.*s", (int)strcspn(at, " ,\n"), at);
    size_t length = strlen(word);
    if (length > 0 && word[length - 1] == '.') {
        word[length - 1] = '\0';
    }
    return word;
}

/* One entry of a setting: its default is that of the row. */
static void check_default(const struct config_row *row, const char *entry, const char *end)
{
    /* How prose says where a value comes from if not from here. */
    static const char *const prose[] = {"", "from", "none", "the", "cache/fcgi-bearer"};
    const char *word = default_in(entry, end);
    if (row->usual != NULL) {
        is_string(word, row->usual, "%s: the manual has its default", row->name);
        return;
    }
    bool known = false;
    for (size_t i = 0; i < sizeof prose / sizeof prose[0]; i++) {
        known = known || strcmp(word, prose[i]) == 0;
    }
    ok(known, "%s: the manual has no default that the row has not: %s", row->name, word);
}

/* Every algorithm there is can be chosen, so it is named where somebody looks for that. */
static void check_algorithms(const char *entry, const char *end)
{
    for (unsigned alg = JWA_UNKNOWN + 1; alg < JWA__MAX; alg++) {
        const char *name = jwa_name((enum jwa)alg);
        ok(strstr(config_row(CONFIG_AUTH0_ALGORITHMS)->help, name) != NULL &&
               memmem(entry, (size_t)(end - entry), name, strlen(name)) != NULL,
           "%s: the help and the manual name it", name);
    }
}

static void read_manual(const char *text)
{
    static const char item[] = ".It Ev ";
    const char *at = strstr(text, "\n.Sh ENVIRONMENT\n");
    const char *end = at != NULL ? strstr(at + 1, "\n.Sh ") : NULL;
    enum config_kind part = CONFIG_KIND_UNKNOWN;
    const struct config_row *row = NULL;
    const char *entry = NULL;
    if (!ok(end != NULL, "bearer.env.5 has its section of settings")) {
        return;
    }
    for (; at < end; at = strchr(at, '\n')) {
        const char *line = ++at;
        bool begins = strncmp(line, item, sizeof item - 1) == 0;
        if (row != NULL && (begins || strncmp(line, ".El", 3) == 0)) {
            check_default(row, entry, line);
            if (row == config_row(CONFIG_AUTH0_ALGORITHMS)) {
                check_algorithms(entry, line);
            }
            row = NULL;
        }
        if (strncmp(line, ".Ss ", 4) == 0) {
            part = kind_of_part(line + 4);
        } else if (begins) {
            entry = line;
            line += sizeof item - 1;
            row = count_entry(line, strcspn(line, "\n"), part);
        }
    }
}

/* What a profile may not say, or never has from default, is named where the manual says so. */
static void check_scopes(const char *text)
{
    const char *at = strstr(text, "\n.Ss Profiles\n");
    const char *end = at != NULL ? strstr(at + 1, "\n.Ss ") : NULL;
    for (unsigned i = 0; i < CONFIG__MAX && end != NULL; i++) {
        const struct config_row *row = config_row((enum config_name)i);
        const bool named = memmem(at, (size_t)(end - at), row->name, strlen(row->name)) != NULL;
        ok(named || row->scope == CONFIG_SCOPE_PROFILE, "%s: the manual says whose it is",
           row->name);
    }
    ok(end != NULL, "bearer.env.5 has its section of profiles");
}

static void manual(void)
{
    static char text[100000];
    char path[4200];
    const char *top = getenv("top_srcdir");
    snprintf(path, sizeof path, "%s/man/bearer.env.5", top != NULL ? top : ".");
    FILE *file = fopen(path, "r");
    size_t length = file != NULL ? fread(text, 1, sizeof text - 1, file) : 0;
    if (file != NULL) {
        fclose(file);
    }
    text[length] = '\0';
    read_manual(text);
    check_scopes(text);
    ok(strangers == 0, "each name in the manual has a row");
    for (unsigned i = 0; i < NAMES; i++) {
        enum config_kind kind = config_kind(names[i], strlen(names[i]));
        is_number(entries[i][kind], 1, "%s: one entry in the manual, among its kind", names[i]);
    }
}

int main(void)
{
    config_test_begin();
    rows();
    bounds();
    manual();
    return config_test_end();
}
