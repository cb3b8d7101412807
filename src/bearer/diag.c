#include "diag.h"

#include <stdarg.h>
#include <stdio.h>

void diag_set(struct diag *diag, const char *format, ...)
{
    if (diag == NULL) {
        return;
    }
    va_list args;
    va_start(args, format);
    if (vsnprintf(diag->text, sizeof diag->text, format, args) < 0) {
        diag->text[0] = '\0';
    }
    va_end(args);
}

void diag_wrap(struct diag *diag, const char *format, ...)
{
    if (diag == NULL) {
        return;
    }
    const struct diag inner = *diag;
    char prefix[256];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(prefix, sizeof prefix, format, args);
    va_end(args);
    diag_set(diag, "%s: %s", n < 0 ? "" : prefix, inner.text);
}
