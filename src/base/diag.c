/* SPDX-License-Identifier: MIT */
#include "base/diag.h"

#include <stdio.h>

void diag_vset(struct diag *diag, const char *format, va_list args)
{
    if (diag != NULL && vsnprintf(diag->text, sizeof diag->text, format, args) < 0) {
        diag->text[0] = '\0';
    }
}

void diag_set(struct diag *diag, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    diag_vset(diag, format, args);
    va_end(args);
}

void diag_wrap(struct diag *diag, const char *format, ...)
{
    if (diag == NULL) {
        return;
    }
    const struct diag inner = *diag;
    struct diag prefix;
    va_list args;
    va_start(args, format);
    diag_vset(&prefix, format, args);
    va_end(args);
    diag_set(diag, "%.255s: %s", prefix.text, inner.text);
}
