/* SPDX-License-Identifier: MIT */
/* What the tests of the configuration share. */
#ifndef CONFIG_TEST_H
#define CONFIG_TEST_H

#include "config/config_load.h"

#include "tap.h"
#include "tempdir.h"

#define BASE "AUTH0_DOMAIN=x.eu.auth0.com\nAUTH0_API_AUDIENCE=https://api\n"

/* Everything that was said: "E NAME: text\n" or "W NAME: text\n". */
static char said[16384];
static struct diag diag;

static void finding(void *context, bool error, const char *name, const char *text)
{
    (void)context;
    size_t used = strlen(said);
    snprintf(said + used, sizeof said - used, "%c %s: %s\n", error ? 'E' : 'W',
             name != NULL ? name : "-", text);
}

static struct config_origin origin;

/* Loads with this environment (NULL at the end) and, unless NULL, this text as bearer.env beside
 * the program. The result lives until the next call. */
__attribute__((unused)) static struct config *load(const char *file, char *const *environment)
{
    static struct config *config;
    static const struct config_report report = {.finding = finding};
    config_free(config);
    said[0] = '\0';
    diag_set(&diag, "unset");
    if (file != NULL) {
        put(at("program/bearer.env"), file);
    } else {
        unlink(at("program/bearer.env"));
    }
    origin.environment = environment;
    config = config_load(&origin, &report, &diag);
    return config;
}

static char *const nothing[] = {NULL};

/* The file is refused, and the first message has all the fragments. Each line of `said` is one
 * finding. */
__attribute__((unused)) static void refused(const char *file, const char *fragments,
                                            const char *test)
{
    struct config *config = load(file, nothing);
    bool good = config == NULL;
    char copy[1024];
    char *rest = copy;
    snprintf(copy, sizeof copy, "%s", fragments);
    for (char *part = strsep(&rest, "|"); part != NULL; part = strsep(&rest, "|")) {
        if (strstr(diag.text, part) == NULL) {
            printf("# not there: %s\n", part);
            good = false;
        }
    }
    const char *newline = strchr(said, '\n');
    if (!ok(good && newline != NULL && newline[1] == '\0' && strstr(said, "SECRET") == NULL, "%s",
            test)) {
        printf("# first error: %s\n# said: %s\n", diag.text, said);
    }
}

/* Before and after the tests. */
__attribute__((unused)) static void config_test_begin(void)
{
    static char home[8300];
    static char system[8300];
    tempdir_make();
    make_directory(at("program"), 0755);
    make_directory(at("etc"), 0755);
    snprintf(home, sizeof home, "%s", at("program"));
    snprintf(system, sizeof system, "%s", at("etc/bearer.env"));
    origin = (struct config_origin){
        .program_dir = home, .program_owner = (uid_t)-1, .sysconf_file = system};
}

__attribute__((unused)) static int config_test_end(void)
{
    load("junk", nothing); /* releases the last */
    return tap_done();
}

#endif
