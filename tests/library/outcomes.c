/* SPDX-License-Identifier: MIT */
/* Asks for every kind of answer: outcomes FILE REQUIRE [AUTHORIZATION]. C and C++ in one text, for
 * library.bats builds it with both, and with nothing but what is installed. */
#include <bearer.h>
#include <stdio.h>
#include <string.h>

static void log_line(void *context, const char *line, size_t length)
{
    fprintf((FILE *)context, "log %.*s", (int)length, line);
}

int main(int argc, char **argv)
{
    char error[1024];
    const char *name;
    const char *value;
    size_t length = 0;
    if (argc < 3) {
        return 2;
    }
    struct bearer_guard *guard = bearer_guard_open(argv[1], log_line, stdout, error, sizeof error);
    if (guard == NULL) {
        printf("error %s\n", error);
        return 1;
    }
    const struct bearer_fact facts[] = {{"REQUEST_METHOD", "GET"},
                                        {"REQUEST_URI", "/x?secret"},
                                        {"BEARER_REQUIRE", argv[2]},
                                        {"HTTP_AUTHORIZATION", argc > 3 ? argv[3] : NULL}};
    struct bearer_verdict *verdict = bearer_guard_check(guard, facts, 4, BEARER_WAIT);
    printf("%d %s\n", bearer_verdict_status(verdict), bearer_verdict_reason(verdict));
    for (size_t i = 0; bearer_verdict_header(verdict, i, &name, &value); i++) {
        printf("%s: %s\n", name, value);
    }
    const char *body = bearer_verdict_body(verdict, &length);
    printf("body %s\n", strlen(body) == length ? body : "?");
    value = bearer_verdict_claim(verdict, "/sub");
    printf("sub %s\n", value != NULL ? value : "-");
    value = bearer_verdict_claims(verdict, NULL);
    printf("claims %s\n", value != NULL ? value : "-");
    printf("meets %d\n", bearer_verdict_meets(verdict, "scope=read:reports"));
    bearer_verdict_free(verdict);
    bearer_guard_close(guard);
    return 0;
}
