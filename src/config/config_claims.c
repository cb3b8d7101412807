/* SPDX-License-Identifier: MIT */
#include "config/config_claims.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "config/config_build.h"
#include "config/config_list.h"
#include "config/config_issuer.h"

/* False, and an error: it is no name of a claim. */
static bool is_claim(struct config_build *build, enum config_name name, const char *text)
{
    const struct config_row *row = config_row(name);
    char shown[CONFIG_SHOWN_MAX];
    bool good = (int64_t)strlen(text) <= row->max && config_is_visible(text);
    if (!good) {
        config_refuse(build, name,
                      "'%s' is not the name of a claim: write 1 to %lld octets without spaces",
                      config_shown(shown, text), (long long)row->max);
    }
    return good;
}

/* False, and an error: it begins like a JSON Pointer and is none. */
static bool is_pointer(struct config_build *build, enum config_name name, const char *text)
{
    char shown[CONFIG_SHOWN_MAX];
    for (const char *tilde = strchr(*text == '/' ? text : "", '~'); tilde != NULL;
         tilde = strchr(tilde + 1, '~')) {
        if (tilde[1] != '0' && tilde[1] != '1') {
            config_refuse(build, name,
                          "'%s' is no JSON Pointer: ~ in a name is written ~0, and / is ~1",
                          config_shown(shown, text));
            return false;
        }
    }
    return true;
}

void config_take_claim(struct config_build *build, enum config_name name, const char *text,
                       void *field)
{
    char shown[CONFIG_SHOWN_MAX];
    if (!is_claim(build, name, text)) {
        return;
    }
    if (*text == '/') {
        config_refuse(build, name, "'%s' is a path: name a claim at the top of the token",
                      config_shown(shown, text));
        return;
    }
    config_keep(build, text, field);
}

void config_take_pointer(struct config_build *build, enum config_name name, const char *text,
                         void *field)
{
    if (is_claim(build, name, text) && is_pointer(build, name, text)) {
        config_keep(build, text, field);
    }
}

/* BEARER_CLAIM_ and the name in capitals, `_` for all that is no letter and no digit: each server
 * can hand that on, and each program can read it. NULL: out of memory. */
static char *variable_of(const char *name)
{
    static const char prefix[] = CONFIG_CLAIM_VARIABLE;
    char *variable = malloc(sizeof prefix + strlen(name));
    if (variable == NULL) {
        return NULL;
    }
    memcpy(variable, prefix, sizeof prefix - 1);
    char *out = variable + sizeof prefix - 1;
    for (; *name != '\0'; name++) {
        const char c = ascii_upper(*name);
        *out++ = (char)(ascii_is_upper(c) || (c >= '0' && c <= '9') ? c : '_');
    }
    *out = '\0';
    return variable;
}

/* One item of the list. A pointer may have `=` in it, and in any other item the first one ends the
 * name. */
static void take_item(struct config_build *build, enum config_name name, const char *item,
                      struct config_claim *claim)
{
    const char *equals = *item == '/' ? NULL : strchr(item, '=');
    const char *path = equals != NULL ? equals + 1 : item;
    char shown[CONFIG_SHOWN_MAX];
    config_shown(shown, item);
    if ((int64_t)strlen(item) > config_row(name)->max) {
        config_refuse(build, name, "'%s' is longer than %lld octets; name a shorter one", shown,
                      (long long)config_row(name)->max);
    } else if (equals == item || (equals != NULL && *path != '/')) {
        config_refuse(build, name,
                      "'%s' is no NAME=/POINTER: write one, with a name before = and a slash "
                      "behind it, or, if = is in the name of the claim, a slash before it all",
                      shown);
    } else if (is_pointer(build, name, path)) {
        config_keep(build, item, &claim->name);
        config_keep(build, path, &claim->path);
        if (equals != NULL && claim->name != NULL) {
            claim->name[equals - item] = '\0';
        }
        claim->variable = claim->name != NULL ? variable_of(claim->name) : NULL;
        config_have_memory(build, claim->variable);
    }
}

/* What default says was told there. */
static bool is_own(const struct config_build *build, enum config_name name)
{
    return build->defaults == NULL || build->config->values[name].file == build->config->file;
}

/* Marks those that would have one variable: a program could not know which of them it reads. */
static void find_clashes(struct config_build *build, enum config_name name,
                         struct config_claim *claims)
{
    char shown[2][CONFIG_SHOWN_MAX];
    for (struct config_claim *one = claims; one->name != NULL; one++) {
        for (struct config_claim *other = claims; other < one; other++) {
            if (strcmp(one->variable, other->variable) != 0 ||
                strcmp(one->path, other->path) == 0) {
                continue;
            }
            one->clashes = other->clashes = true;
            if (strcmp(one->name, other->name) == 0) {
                one->twice = other->twice = true;
            }
            if (is_own(build, name)) {
                config_warn(build, name,
                            "%s and %s would both be %s, which therefore stays empty; give one "
                            "of them another name, as NAME=/POINTER",
                            config_shown(shown[0], other->path), config_shown(shown[1], one->path),
                            one->variable);
            }
        }
    }
}

void config_take_claims(struct config_build *build, enum config_name name, const char *text,
                        void *field)
{
    struct config_claim **claims = field;
    char **items CLEANUP(config_release_list) = NULL;
    size_t count = 0;
    config_take_list(build, name, text, &items);
    while (items != NULL && items[count] != NULL) {
        count++;
    }
    if (build->refused[name]) {
        return;
    }
    *claims = calloc(count + 1, sizeof **claims);
    if (!config_have_memory(build, *claims)) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        take_item(build, name, items[i], &(*claims)[i]);
        if (build->refused[name] || (*claims)[i].variable == NULL) {
            return; /* said; it is of no use */
        }
    }
    find_clashes(build, name, *claims);
}

void config_release_claims(void *field)
{
    struct config_claim **claims = field;
    /* Without memory the last one may have no name. */
    for (struct config_claim *claim = *claims;
         claim != NULL && (claim->name != NULL || claim->path != NULL); claim++) {
        free(claim->name);
        free(claim->path);
        free(claim->variable);
    }
    free(*claims);
}

/* Whether it is among the first so many. */
static bool is_among(const char *const *names, size_t count, const char *name)
{
    size_t i = 0;
    while (i < count && strcmp(names[i], name) != 0) {
        i++;
    }
    return i < count;
}

void config_join_claims(struct config_build *build)
{
    size_t most = 0;
    size_t count = 0;
    for (const struct config *each = build->config; each != NULL; each = each->next) {
        for (const struct config_claim *claim = each->forward_claims;
             claim != NULL && claim->name != NULL; claim++) {
            most++;
        }
    }
    if (most == 0 || build->errors != 0) {
        return;
    }
    const char **names = build->config->claim_variables = calloc(most + 1, sizeof *names);
    if (!config_have_memory(build, names)) {
        return;
    }
    for (const struct config *each = build->config; each != NULL; each = each->next) {
        for (const struct config_claim *claim = each->forward_claims;
             claim != NULL && claim->name != NULL; claim++) {
            if (!is_among(names, count, claim->variable)) {
                names[count++] = claim->variable;
            }
        }
    }
}
