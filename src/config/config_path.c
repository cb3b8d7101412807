/* SPDX-License-Identifier: MIT */
#include "config/config_path.h"

#include <stdlib.h>
#include <string.h>

#include "base/safefile.h"
#include "config/config_build.h"
#include "config/config_origin.h"

bool config_check_file(struct config_build *build, enum config_name name, const char *path)
{
    struct diag diag = {""};
    if (safe_check(path, build->origin->program_owner, &diag) == SAFE_OK) {
        return true;
    }
    config_refuse(build, name, "%s", diag.text);
    return false;
}

void config_take_file(struct config_build *build, enum config_name name, const char *text,
                      void *field)
{
    if (config_check_file(build, name, text)) {
        config_keep(build, text, field);
    }
}

void config_take_path(struct config_build *build, enum config_name name, const char *text,
                      void *field)
{
    char **to = field;
    size_t length = strlen(text);
    if (text[0] != '/') {
        char shown[CONFIG_SHOWN_MAX];
        config_refuse(build, name, "'%s' is not an absolute path; write one that begins with /",
                      config_shown(shown, text));
        return;
    }
    while (length > 1 && text[length - 1] == '/') {
        length--; /* a link with a slash behind it would be followed */
    }
    *to = strndup(text, length);
    config_have_memory(build, *to);
}
