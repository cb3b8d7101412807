/* SPDX-License-Identifier: MIT */
#include "config/config_build.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "config/config_origin.h"

__attribute__((format(printf, 4, 0))) static void
tell(struct config_build *build, bool error, const char *name, const char *format, va_list args)
{
    struct diag text;
    diag_vset(&text, format, args);
    if (error && build->errors++ == 0) {
        diag_set(build->diag, "%s", text.text);
    }
    if (build->report != NULL) {
        build->report->finding(build->report->context, error, name, text.text);
    }
}

void config_finding(struct config_build *build, bool error, const char *name, const char *format,
                    ...)
{
    va_list args;
    va_start(args, format);
    tell(build, error, name, format, args);
    va_end(args);
}

/* A setting that was not given: where it was looked for. */
static void tell_missing(struct config_build *build, bool error, const char *name,
                         const char *message)
{
    char file[CONFIG_SHOWN_MAX];
    if (build->defaults != NULL) {
        config_finding(build, error, name, "%s: %s (looked for in %s)", name, message,
                       config_shown(file, build->config->file));
    } else if (build->config->file != NULL) {
        config_finding(build, error, name, "%s: %s (looked for in the environment and in %s)", name,
                       message, config_shown(file, build->config->file));
    } else {
        config_finding(
            build, error, name,
            "%s: %s (looked for in the environment; there is no bearer.env beside the program%s%s)",
            name, message, build->origin->sysconf_file != NULL ? ", and no " : "",
            build->origin->sysconf_file != NULL ? build->origin->sysconf_file : "");
    }
}

const char *config_place(const struct config_build *build, enum config_name name, char *out)
{
    const struct config_value *value = &build->config->values[name];
    char file[CONFIG_SHOWN_MAX];
    if (value->source == CONFIG_FROM_FILE) {
        snprintf(out, CONFIG_PLACE_MAX, "%s:%u", config_shown(file, value->file), value->line);
    } else {
        snprintf(out, CONFIG_PLACE_MAX, "environment");
    }
    return out;
}

/* Puts the name and where it was set before the message. */
__attribute__((format(printf, 4, 0))) static void tell_setting(struct config_build *build,
                                                               bool error, enum config_name name,
                                                               const char *format, va_list args)
{
    struct diag message;
    char place[CONFIG_PLACE_MAX];
    diag_vset(&message, format, args);
    const char *text = config_spelling(build->config, name);
    if (build->config->values[name].source != CONFIG_FROM_DEFAULT) {
        config_finding(build, error, text, "%s (%s): %s", text, config_place(build, name, place),
                       message.text);
    } else {
        tell_missing(build, error, text, message.text);
    }
}

void config_refuse(struct config_build *build, enum config_name name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    build->refused[name] = true;
    tell_setting(build, true, name, format, args);
    va_end(args);
}

void config_warn(struct config_build *build, enum config_name name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell_setting(build, false, name, format, args);
    va_end(args);
}

bool config_have_memory(struct config_build *build, const void *allocated)
{
    if (allocated == NULL) {
        config_finding(build, true, NULL, "out of memory while the configuration was read");
    }
    return allocated != NULL;
}

void config_keep(struct config_build *build, const char *text, char **to)
{
    *to = strdup(text);
    config_have_memory(build, *to);
}

const char *config_given(const struct config_build *build, enum config_name name)
{
    return build->refused[name] ? NULL : build->config->values[name].text;
}

const char *config_shown(char *out, const char *text)
{
    return log_escape(out, CONFIG_SHOWN_MAX, text, strlen(text));
}
