/* SPDX-License-Identifier: MIT */
/* explain: the token as it was pasted. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/safefile.h"
#include "ctl/explain/explain.h"
#include "token/token.h"

/* With what may be around it. A worker's own answer to a token that is too long can be seen as
 * well. */
#define INPUT_MAX (TOKEN_MAX + 1024)

static const char white[] = " \t\r\n"; /* what a web server takes away, and line ends */

/* What follows the word, in any case; `text` itself if it does not begin with it. */
static const char *after(const char *text, const char *word)
{
    size_t length = strlen(word);
    return strncasecmp(text, word, length) == 0 ? text + length : text;
}

/* -1, or the exit status. `name` is for messages. */
static int read_text(const struct cli *cli, const char *operand, const char *name, char *text,
                     size_t *length)
{
    bool standard_input = strcmp(operand, "-") == 0;
    int fd CLEANUP(cleanup_fd) = -1;
    if (!standard_input) {
        fd = open(operand, O_RDONLY | O_NOCTTY | O_CLOEXEC);
    } else if (isatty(STDIN_FILENO) == 1) {
        fprintf(stderr, "Paste the token, then press Enter and Ctrl-D.\n");
    }
    if ((!standard_input && fd < 0) ||
        !safe_read_all(standard_input ? STDIN_FILENO : fd, text, INPUT_MAX + 1, length)) {
        return cli_fail(cli, EX_NOINPUT, "%s cannot be read: %s", name, strerror(errno));
    }
    if (*length > INPUT_MAX) {
        return cli_fail(
            cli, EX_DATAERR,
            "there are more than %d octets in %s: give one token and nothing else; one that is "
            "longer than %d is refused as too long",
            INPUT_MAX, name, TOKEN_MAX);
    }
    if (memchr(text, '\0', *length) != NULL) {
        return cli_fail(cli, EX_DATAERR,
                        "there is an octet 0 in %s, as in a text in UTF-16: save it as plain text",
                        name);
    }
    text[*length] = '\0';
    return -1;
}

int explain_input(const struct cli *cli, const char *operand, char **credentials)
{
    char text[INPUT_MAX + 2];
    size_t length = 0;
    /* The operand is not repeated: it may be a token that does not look like one. */
    const char *name = strcmp(operand, "-") == 0 ? "standard input" : "that file";
    *credentials = NULL;
    int status = read_text(cli, operand, name, text, &length);
    if (status >= 0) {
        return status;
    }
    while (length > 0 && strchr(white, text[length - 1]) != NULL) {
        text[--length] = '\0';
    }
    const char *start = after(text, "\xef\xbb\xbf"); /* a byte order mark */
    start += strspn(start, white);
    const char *value = after(start, "Authorization:");
    bool whole = value != start; /* the header's value, with a scheme, as the client sends it */
    value += strspn(value, white);
    if (!whole) {
        const char *token = after(value, "Bearer");
        value = token != value && (*token == '\0' || strchr(white, *token) != NULL) ? token : value;
        value += strspn(value, white);
    }
    if (*value == '\0') {
        return cli_fail(cli, EX_DATAERR, "there is no token in %s", name);
    }
    if (asprintf(credentials, "%s%s", whole ? "" : "Bearer ", value) < 0) {
        *credentials = NULL;
        return cli_fail(cli, EX_SOFTWARE, "out of memory");
    }
    return -1;
}
