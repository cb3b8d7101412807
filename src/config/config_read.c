/* SPDX-License-Identifier: MIT */
#include "config/config_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/safefile.h"
#include "config/config_build.h"
#include "config/config_file.h"
#include "config/config_origin.h"

#define NOT_EXPANDED \
    "variables are not expanded here; write the value itself, or put it in single quotes"
#define FOREIGN_NEAR "is not a setting of ours and is ignored; did you mean %s?"

/* A name that is none of ours: refused if it begins like one, else ignored, with a warning if it is
 * nearly one. `where` is for the message. Its value is not looked at. */
static void judge_unknown(struct config_build *build, const char *name, size_t length,
                          const char *where)
{
    static const char auth0[] = "AUTH0_";
    char shown[80];
    bool ours = config_name_is_ours(name, length);
    if (!ours && (length <= sizeof auth0 || memcmp(name, auth0, sizeof auth0 - 1) != 0)) {
        return; /* most of a process's environment: the nearest name is costly to find */
    }
    log_escape(shown, sizeof shown, name, length);
    const char *near = config_nearest(name, length);
    if (!ours) {
        if (near != NULL) {
            config_finding(build, false, shown, "%s (%s): " FOREIGN_NEAR, shown, where, near);
        }
        return;
    }
    if (near != NULL) {
        config_finding(build, true, shown,
                       "%s (%s): there is no setting of this name; did you mean %s?", shown, where,
                       near);
    } else {
        config_finding(
            build, true, shown,
            "%s (%s): this version has no setting of this name; remove it (until then nothing is "
            "served: the line could be a rule)",
            shown, where);
    }
}

/* A name of ours that belongs elsewhere: as a setting it would go unheeded. */
static void misplaced(struct config_build *build, const char *name, size_t length,
                      const char *where)
{
    static const char other[] = "AUTH0";
    const size_t prefix = sizeof "BEARER" - 1;
    char shown[80];
    char meant[80];
    log_escape(shown, sizeof shown, name, length);
    (void)snprintf(meant, sizeof meant, "%s%.*s", other, (int)(length - prefix), name + prefix);
    const bool near = config_kind(meant, strlen(meant)) == CONFIG_KIND_SETTING;
    config_finding(
        build, true, shown,
        "%s (%s): is not a setting; the web server passes it for each location (as a FastCGI param "
        "or CGI variable); remove it here%s%s%s",
        shown, where, near ? ", or did you mean " : "", near ? meant : "", near ? "?" : "");
}

/* Takes a value over what was there; checks what holds for every value. */
static void take(struct config_build *build, enum config_name name, const char *text,
                 enum config_source source, unsigned line)
{
    struct config_value *value = &build->config->values[name];
    char *copy CLEANUP(cleanup_free) = strdup(text);
    if (!config_have_memory(build, copy)) {
        return;
    }
    free(value->text);
    *value = (struct config_value){.text = steal(&copy),
                                   .name = config_name(name),
                                   .source = source,
                                   .file = build->config->file,
                                   .line = line};
    build->refused[name] = false;
    size_t length = strlen(text);
    if (length == 0) {
        config_refuse(build, name, "is empty; give it a value or remove it. It takes %s",
                      config_row(name)->help);
    } else if (length > CONFIG_LINE_MAX) {
        config_refuse(build, name, "is longer than %d bytes; shorten it", CONFIG_LINE_MAX);
        return;
    }
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
            config_refuse(build, name, "holds a control character (octet %zu); remove it", i + 1);
            return;
        }
    }
}

/* Where the reader of the file is. */
struct file_values {
    struct config_build *build;
    /* as shown */
    const char *path;
    /* where each name stood first; 0: not yet */
    unsigned lines[CONFIG__NAMES];
};

static bool is_requirement(const struct config_assignment *given)
{
    static const char name[] = "BEARER_REQUIRE";
    return given->name_length == sizeof name - 1 &&
           memcmp(given->name, name, given->name_length) == 0;
}

/* What a profile requires of its tokens at each location that names it. */
static void take_requirement(struct file_values *values, const struct config_assignment *given,
                             const char *where)
{
    struct config_build *build = values->build;
    struct config *config = build->config;
    const char *flaw = NULL;
    if (config->require != NULL) {
        flaw = "was given before; remove one of the two";
    } else if (given->expansion) {
        flaw = NOT_EXPANDED;
    }
    if (flaw != NULL) {
        config_finding(build, true, "BEARER_REQUIRE", "BEARER_REQUIRE (%s): %s", where, flaw);
        return;
    }
    config->require_line = given->line;
    config_keep(build, given->value, &config->require);
}

static void assignment(void *context, const struct config_assignment *given)
{
    struct file_values *values = context;
    struct config_build *build = values->build;
    char where[CONFIG_SHOWN_MAX + 16];
    snprintf(where, sizeof where, "%s:%u", values->path, given->line);
    enum config_kind kind = config_kind(given->name, given->name_length);
    if (kind == CONFIG_KIND_PROCESS) {
        config_finding(
            build, true, NULL,
            "%.*s (%s): says where this file is, so it cannot be set in it; remove the line and "
            "set "
            "it in the environment of the program",
            (int)given->name_length, given->name, where);
        return;
    }
    if (build->defaults != NULL && is_requirement(given)) {
        take_requirement(values, given, where);
        return;
    }
    if (kind == CONFIG_KIND_POLICY || kind == CONFIG_KIND_OUTPUT) {
        misplaced(build, given->name, given->name_length, where);
        return;
    }
    if (kind != CONFIG_KIND_SETTING) {
        judge_unknown(build, given->name, given->name_length, where);
        return;
    }
    enum config_name name = config_setting(given->name, given->name_length);
    if (values->lines[name] != 0) {
        config_finding(build, true, config_name(name),
                       "%s (%s): was given before, on line %u; remove one of the two",
                       config_name(name), where, values->lines[name]);
        return;
    }
    values->lines[name] = given->line;
    if (build->defaults != NULL && config_row(name)->scope == CONFIG_SCOPE_PROCESS) {
        config_finding(build, true, config_name(name),
                       "%s (%s): is one for the whole process; set it in bearer.env, or in the "
                       "environment, and remove it here",
                       config_name(name), where);
        return;
    }
    if (build->defaults == NULL &&
        config_variable(build->origin->environment, config_name(name)) != NULL) {
        return; /* the environment's is used and judged */
    }
    take(build, name, given->value, CONFIG_FROM_FILE, given->line);
    if (given->expansion) {
        config_refuse(build, name, NOT_EXPANDED);
    }
}

static void fault(void *context, unsigned line, const char *why)
{
    struct file_values *values = context;
    config_finding(values->build, true, NULL, "%s, line %u: %s", values->path, line, why);
}

/* Reads one file. False: it does not exist, which is for the caller to judge. */
static bool read_file(struct config_build *build, const char *path, uid_t also, bool *complete)
{
    char *text CLEANUP(cleanup_free) = NULL;
    size_t length = 0;
    struct diag diag = {""};
    enum safe_result result = safe_read(path, also, CONFIG_FILE_MAX, &text, &length, NULL, &diag);
    if (result == SAFE_MISSING) {
        return false;
    }
    if (result != SAFE_OK) {
        config_finding(build, true, NULL, "configuration file: %s", diag.text);
        *complete = false;
        return true;
    }
    build->config->file = strdup(path);
    if (!config_have_memory(build, build->config->file)) {
        *complete = false;
        return true;
    }
    char shown[CONFIG_SHOWN_MAX];
    struct file_values values = {.build = build, .path = config_shown(shown, path)};
    const struct config_file_reader reader = {
        .assignment = assignment, .fault = fault, .context = &values};
    if (config_file_parse(text, length, &reader) > 0) {
        *complete = false;
    }
    return true;
}

/* A variable that says where the file is, and does not. */
static void tell_relative(struct config_build *build, const struct config_places *places)
{
    char shown[CONFIG_SHOWN_MAX];
    config_shown(shown, places->relative);
    if (places->named != NULL) {
        config_finding(
            build, true, "BEARER_CONFIG",
            "BEARER_CONFIG (environment): %s is not an absolute path; write one that begins with "
            "/, or leave it empty to read no file",
            shown);
    } else {
        config_finding(
            build, true, "BEARER_HOME",
            "BEARER_HOME (environment): '%s' is not an absolute path; write the folder of the "
            "program, beginning with /",
            shown);
    }
}

/* Finds the file and reads it. False: what it says is not wholly known. */
static bool find_file(struct config_build *build)
{
    struct config_places places CLEANUP(config_places_clear) = {0};
    bool complete = true;
    if (!config_places(build->origin, &places)) {
        return config_have_memory(build, NULL);
    }
    if (places.relative != NULL) {
        tell_relative(build, &places);
        return false;
    }
    for (unsigned i = 0; i < places.count; i++) {
        if (read_file(build, places.paths[i], build->origin->program_owner, &complete)) {
            return complete;
        }
    }
    if (places.named != NULL && places.count > 0) {
        char shown[CONFIG_SHOWN_MAX];
        config_finding(
            build, true, "BEARER_CONFIG",
            "BEARER_CONFIG (environment): there is no file %s; make it, or unset the variable",
            config_shown(shown, places.named));
        return false;
    }
    return true;
}

/* A setting in the environment: `text` is NAME=value. */
static void take_variable(struct config_build *build, const char *text, size_t name_length)
{
    enum config_name name = config_setting(text, name_length);
    const struct config_value *value = &build->config->values[name];
    const char *given = text + name_length + 1;
    if (value->source != CONFIG_FROM_ENVIRONMENT) {
        take(build, name, given, CONFIG_FROM_ENVIRONMENT, 0);
    } else if (strcmp(value->text, given) != 0) {
        config_refuse(build, name, "is there twice with different values; remove one of the two");
    }
}

static void read_environment(struct config_build *build)
{
    char *const *environment = build->origin->environment;
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++) {
        const char *equals = strchr(environment[i], '=');
        if (equals == NULL) {
            continue;
        }
        size_t length = (size_t)(equals - environment[i]);
        enum config_kind kind = config_kind(environment[i], length);
        if (kind == CONFIG_KIND_SETTING) {
            take_variable(build, environment[i], length);
        } else if (kind == CONFIG_KIND_UNKNOWN) {
            judge_unknown(build, environment[i], length, "environment");
        } else if (kind == CONFIG_KIND_POLICY && !build->origin->plain_cgi) {
            misplaced(build, environment[i], length, "environment");
        }
    }
}

/* What was given by a second name of a setting becomes the setting's value. */
static void join(struct config_build *build, enum config_name alias)
{
    enum config_name name = config_meant(alias);
    struct config_value *other = &build->config->values[alias];
    struct config_value *value = &build->config->values[name];
    bool refused = build->refused[alias] || build->refused[name];
    if (other->text == NULL) {
        return;
    }
    if (value->text == NULL) {
        *value = *other;
        *other = (struct config_value){0};
    } else if (!refused && strcmp(value->text, other->text) != 0) {
        char place[CONFIG_PLACE_MAX];
        config_refuse(build, alias,
                      "is another name of %s (%s), and the two have different values; keep the one "
                      "that is right and remove the other",
                      config_name(name), config_place(build, name, place));
    }
    build->refused[name] = refused || build->refused[alias];
}

static void join_all(struct config_build *build)
{
    for (unsigned alias = CONFIG__MAX; alias < CONFIG__NAMES; alias++) {
        join(build, (enum config_name)alias);
    }
}

bool config_read(struct config_build *build)
{
    bool complete = find_file(build);
    read_environment(build);
    join_all(build);
    return complete;
}

bool config_read_profile(struct config_build *build, const char *path, uid_t also)
{
    bool complete = true;
    if (!read_file(build, path, also, &complete)) {
        char shown[CONFIG_SHOWN_MAX];
        config_finding(build, true, NULL, "configuration file: %s is gone since it was found",
                       config_shown(shown, path));
        return false;
    }
    join_all(build);
    return complete;
}
