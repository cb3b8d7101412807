/* SPDX-License-Identifier: MIT */
#include "config/config_kinds.h"

#include <stdlib.h>
#include <string.h>

#include "config/config_algorithms.h"
#include "config/config_build.h"
#include "config/config_claims.h"
#include "config/config_issuer.h"
#include "config/config_list.h"
#include "config/config_path.h"
#include "config/config_remote.h"
#include "config/config_uri.h"
#include "config/config_web.h"

static void take_text(struct config_build *build, enum config_name name, const char *text,
                      void *field)
{
    (void)name;
    config_keep(build, text, field);
}

/* Text that can stand between quotes in a header. */
static void take_quotable(struct config_build *build, enum config_name name, const char *text,
                          void *field)
{
    const int64_t most = config_row(name)->max;
    if ((int64_t)strlen(text) > most || !config_is_ascii(text) || strpbrk(text, "\"\\") != NULL) {
        config_refuse(
            build, name,
            "goes into a header: write at most %lld printable ASCII characters without \" and \\",
            (long long)most);
        return;
    }
    config_keep(build, text, field);
}

/* A number of `what` from `least` to the maximum of the row; 0, and an error, if it is none. */
static int64_t number_of(struct config_build *build, enum config_name name, const char *text,
                         const char *what, int64_t least)
{
    const struct config_row *row = config_row(name);
    size_t digits = strspn(text, "0123456789");
    int64_t number = 0;
    for (size_t i = 0; i < digits && number <= row->max; i++) {
        number = number * 10 + (text[i] - '0');
    }
    if (text[digits] != '\0' || number < least || number > row->max) {
        char shown[CONFIG_SHOWN_MAX];
        config_refuse(
            build, name,
            "'%s' is not a number of %s from %lld to %lld; write digits only, for example %s",
            config_shown(shown, text), what, (long long)least, (long long)row->max, row->usual);
        return 0;
    }
    return number;
}

static void take_seconds(struct config_build *build, enum config_name name, const char *text,
                         void *field)
{
    int64_t *seconds = field;
    *seconds = number_of(build, name, text, "seconds", config_row(name)->min);
}

/* A few octets, or the number of things that somebody meant, would hold none and not say so. */
static void take_bytes(struct config_build *build, enum config_name name, const char *text,
                       void *field)
{
    size_t *bytes = field;
    const int64_t least = config_row(name)->min;
    int64_t number = number_of(build, name, text, "bytes", 0);
    if (number > 0 && number < least) {
        config_refuse(
            build, name,
            "%lld bytes are too few to remember tokens; write 0 (remember none), or %lld or more",
            (long long)number, (long long)least);
    }
    *bytes = (size_t)number;
}

static void take_level(struct config_build *build, enum config_name name, const char *text,
                       void *field)
{
    char shown[CONFIG_SHOWN_MAX];
    if (log_level_parse(text, field) != 0) {
        config_refuse(build, name, "'%s' is not a level; write %s", config_shown(shown, text),
                      config_row(name)->help);
    }
}

static void refuse_word(struct config_build *build, enum config_name name, const char *text)
{
    char shown[CONFIG_SHOWN_MAX];
    config_refuse(build, name, "'%s' is not known; write %s", config_shown(shown, text),
                  config_row(name)->help);
}

/* One of two words; true: the second. */
static void take_either(struct config_build *build, enum config_name name, const char *text,
                        bool *second, const char *no, const char *yes)
{
    *second = strcmp(text, yes) == 0;
    if (!*second && strcmp(text, no) != 0) {
        refuse_word(build, name, text);
    }
}

static void take_format(struct config_build *build, enum config_name name, const char *text,
                        void *field)
{
    take_either(build, name, text, field, "text", "json");
}

static void take_refresh(struct config_build *build, enum config_name name, const char *text,
                         void *field)
{
    take_either(build, name, text, field, "spawn", "external");
}

static void take_switch(struct config_build *build, enum config_name name, const char *text,
                        void *field)
{
    take_either(build, name, text, field, "off", "on");
}

static void take_typ(struct config_build *build, enum config_name name, const char *text,
                     void *field)
{
    take_either(build, name, text, field, "any", "at+jwt");
}

static void take_role(struct config_build *build, enum config_name name, const char *text,
                      void *field)
{
    if (config_role_parse(text, field) != 0) {
        refuse_word(build, name, text);
    }
}

static void release_text(void *field)
{
    char **text = field;
    free(*text);
}

/* `take` fills the member of a zeroed configuration, or says an error; `release`, NULL: nothing to
 * do. */
static const struct {
    void (*take)(struct config_build *build, enum config_name name, const char *text, void *field);
    void (*release)(void *field);
} kinds[CONFIG_VALUE__MAX] = {
    [CONFIG_VALUE_ALGORITHMS] = {config_take_algorithms, NULL},
    [CONFIG_VALUE_BYTES] = {take_bytes, NULL},
    [CONFIG_VALUE_CLAIM] = {config_take_claim, release_text},
    [CONFIG_VALUE_CLAIMS] = {config_take_claims, config_release_claims},
    [CONFIG_VALUE_DOCS] = {config_take_docs, release_text},
    [CONFIG_VALUE_FILE] = {config_take_file, release_text},
    [CONFIG_VALUE_FORMAT] = {take_format, NULL},
    [CONFIG_VALUE_HEADER] = {config_take_header, release_text},
    [CONFIG_VALUE_HOST] = {config_take_host, release_text},
    [CONFIG_VALUE_KEYS] = {config_take_keys, release_text},
    [CONFIG_VALUE_LEVEL] = {take_level, NULL},
    [CONFIG_VALUE_LIST] = {config_take_list, config_release_list},
    [CONFIG_VALUE_ORIGINS] = {config_take_origins, config_release_list},
    [CONFIG_VALUE_PATH] = {config_take_path, release_text},
    [CONFIG_VALUE_POINTER] = {config_take_pointer, release_text},
    [CONFIG_VALUE_PROXY] = {config_take_proxy, release_text},
    [CONFIG_VALUE_QUOTABLE] = {take_quotable, release_text},
    [CONFIG_VALUE_REFRESH] = {take_refresh, NULL},
    [CONFIG_VALUE_ROLE] = {take_role, NULL},
    [CONFIG_VALUE_SECONDS] = {take_seconds, NULL},
    [CONFIG_VALUE_SWITCH] = {take_switch, NULL},
    [CONFIG_VALUE_TENANTS] = {config_take_tenants, config_release_list},
    [CONFIG_VALUE_TEXT] = {take_text, release_text},
    [CONFIG_VALUE_TYP] = {take_typ, NULL},
};

static void *field_of(struct config *config, const struct config_row *row)
{
    return (char *)config + row->offset;
}

void config_take_values(struct config_build *build)
{
    for (unsigned i = 0; i < CONFIG__MAX; i++) {
        const enum config_name name = (enum config_name)i;
        const struct config_row *row = config_row(name);
        const char *text = build->config->values[i].text;
        text = text != NULL ? text : row->usual;
        if (text != NULL && !build->refused[i]) {
            kinds[row->kind].take(build, name, text, field_of(build->config, row));
        }
    }
}

void config_release_values(struct config *config)
{
    for (unsigned i = 0; i < CONFIG__MAX; i++) {
        const struct config_row *row = config_row((enum config_name)i);
        if (kinds[row->kind].release != NULL) {
            kinds[row->kind].release(field_of(config, row));
        }
    }
}
