/* SPDX-License-Identifier: MIT */
/* What the programs that take commands have in common: the table of commands, options, --help,
 * --version, messages. Exit statuses are those of <sysexits.h>. */
#ifndef FB_CLI_CLI_H
#define FB_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <sysexits.h>

/* One call of one command; everything is borrowed for as long as the program runs. */
struct cli {
    const char *program, *command;
    /* of the command */
    const char *help;
    /* arguments after the command's name */
    int argc;
    char **argv;
};

struct cli_command {
    /* NULL ends a table. */
    const char *name;
    /* In the program's list of commands: what follows the name, "" or with its blank; what it
     * does. */
    const char *form, *line;
    /* The command's own help: the whole text, with its newlines. */
    const char *help;
    /* Returns the exit status. */
    int (*run)(const struct cli *cli);
};

struct cli_program {
    const char *name;
    /* The help is what stands before the list of commands, that list, and what stands behind it. */
    const char *before, *after;
    const struct cli_command *commands;
};

/* What main() does: refuses to run under a web server, answers --help and --version, finds the
 * command and runs it. Returns the exit status; EX_IOERR if standard output could not be
 * written. */
int cli_main(const struct cli_program *program, int argc, char **argv);

/* The values of what may be given more than once, in their order, borrowed from argv. */
struct cli_list {
    const char **items;
    size_t count;
};
void cli_list_cleanup(struct cli_list *list); /* for CLEANUP() */

/* One option and where it goes: exactly one of the three pointers is set. */
struct cli_option {
    /* with its dashes; NULL ends a table */
    const char *name;
    /* takes no value */
    bool *flag;
    /* takes one, and is given once at most; points to NULL at first */
    const char **value;
    /* takes one, any number of times; zeroed at first, the caller's to release */
    struct cli_list *list;
};

/* Reads the arguments of a command: options as `--name value` or `--name=value`, in any order, up
 * to `--`. With `operand_name` exactly one other argument must be there, which goes to *operand,
 * or, if that name is in brackets, may be; with NULL none may. Returns -1 to go on; else the caller
 * returns the result as its exit status: 0 after --help, EX_USAGE or EX_SOFTWARE after a
 * message. */
int cli_parse(const struct cli *cli, const struct cli_option *options, const char *operand_name,
              const char **operand);

/* The same with one or more such arguments, in their order: `operands` is zeroed at first, the
 * caller's to release. */
int cli_parse_list(const struct cli *cli, const struct cli_option *options,
                   const char *operand_name, struct cli_list *operands);

/* True if the text has what looks like a token, which belongs in no message. */
bool cli_is_token(const char *text);

/* Writes "program command: message" to standard error, the second with a line that points to
 * --help. They return `status` and EX_USAGE. */
int cli_fail(const struct cli *cli, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int cli_usage(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
