/* SPDX-License-Identifier: MIT */
/* bearerctl revoked: what is on the list of revoked tokens. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "ctl/commands.h"
#include "ctl/revoke/listfile.h"

const char revoked_help[] =
    "Usage: bearerctl revoked\n"
    "\n"
    "Prints the list of revoked tokens, which BEARER_REVOKED_FILE names: the number of each\n"
    "line, whether it is past its until=, and what it says. To take one back, remove the line.\n"
    "\n"
    "exit status: 0 the list is good, 64 usage, 70 something failed inside, 74 standard output\n"
    "cannot be written, 77 cannot run as the owner of the list, 78 configuration, or a list\n"
    "that is wrong\n";

int revoked_run(const struct cli *cli)
{
    struct listfile file CLEANUP(listfile_clear) = LISTFILE_NONE;
    const int64_t now = time(NULL);
    size_t past = 0;
    int status = cli_parse(cli, (const struct cli_option[]){{.name = NULL}}, NULL, NULL);
    if (status < 0) {
        status = listfile_open(cli, false, &file);
    }
    if (status >= 0) {
        return status;
    }
    const size_t count = revoked_count(file.list);
    for (size_t i = 0; i < count; i++) {
        struct text text CLEANUP(text_clear) = {0};
        const struct revoked_line *line = revoked_at(file.list, i);
        const bool is_past = revoked_is_past(line, now);
        revoked_line_write(&text, line);
        if (text.failed) {
            return cli_fail(cli, EX_SOFTWARE, "out of memory");
        }
        printf("%5u  %s  %s\n", line->number, is_past ? "past" : "    ", text.bytes);
        past += is_past ? 1 : 0;
    }
    printf("%zu line%s in %s, %zu of them past\n", count, count == 1 ? "" : "s", file.path, past);
    return EXIT_SUCCESS;
}
