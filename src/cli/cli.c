/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/notcgi.h"

bool cli_is_token(const char *text)
{
    const char *at = strstr(text, "eyJ");
    const char *dot = at != NULL ? strchr(at, '.') : NULL;
    return dot != NULL && strchr(dot + 1, '.') != NULL;
}

/* An argument for a message. */
static const char *shown(const char *argument)
{
    return cli_is_token(argument) ? "(a token)" : argument;
}

static int form_width(const struct cli_command *command)
{
    return (int)(strlen(command->name) + strlen(command->form));
}

static void print_help(const struct cli_program *program)
{
    int widest = 0;
    for (const struct cli_command *c = program->commands; c->name != NULL; c++) {
        widest = form_width(c) > widest ? form_width(c) : widest;
    }
    fputs(program->before, stdout);
    for (const struct cli_command *c = program->commands; c->name != NULL; c++) {
        printf("  %s%s%*s   %s\n", c->name, c->form, widest - form_width(c), "", c->line);
    }
    fputs(program->after, stdout);
}

static int run_command(const struct cli_program *program, int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "%s: no command given\nTry '%s --help'.\n", program->name, program->name);
        return EX_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0) {
        print_help(program);
        return EXIT_SUCCESS;
    }
    if (strcmp(name, "--version") == 0) {
        printf("%s (fcgi-bearer) %s\n", program->name, PACKAGE_VERSION);
        return EXIT_SUCCESS;
    }
    for (const struct cli_command *c = program->commands; c->name != NULL; c++) {
        if (strcmp(c->name, name) == 0) {
            const struct cli cli = {.program = program->name,
                                    .command = c->name,
                                    .help = c->help,
                                    .argc = argc - 2,
                                    .argv = argv + 2};
            return c->run(&cli);
        }
    }
    fprintf(stderr, "%s: %s '%s'\nTry '%s --help'.\n", program->name,
            name[0] == '-' ? "unknown option" : "unknown command", shown(name), program->name);
    return EX_USAGE;
}

int cli_main(const struct cli_program *program, int argc, char **argv)
{
    if (cli_refuse_under_server(program->name)) {
        return EX_USAGE;
    }
    int status = run_command(program, argc, argv);
    if ((fflush(stdout) != 0 || ferror(stdout)) && status == EXIT_SUCCESS) {
        fprintf(stderr, "%s: cannot write to standard output: %s\n", program->name,
                strerror(errno));
        return EX_IOERR;
    }
    return status;
}

static void message(const struct cli *cli, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void message(const struct cli *cli, const char *format, va_list args)
{
    fprintf(stderr, "%s %s: ", cli->program, cli->command);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

int cli_fail(const struct cli *cli, int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    message(cli, format, args);
    va_end(args);
    return status;
}

int cli_usage(const struct cli *cli, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    message(cli, format, args);
    va_end(args);
    fprintf(stderr, "Try '%s %s --help'.\n", cli->program, cli->command);
    return EX_USAGE;
}

void cli_list_cleanup(struct cli_list *list)
{
    free(list->items);
    list->items = NULL;
    list->count = 0;
}

/* -1, or the exit status. */
static int add(const struct cli *cli, struct cli_list *list, const char *value)
{
    if (list->items == NULL) {
        /* Nothing can come more often than there are arguments. */
        list->items = calloc((size_t)cli->argc, sizeof *list->items);
    }
    if (list->items == NULL) {
        return cli_fail(cli, EX_SOFTWARE, "out of memory");
    }
    list->items[list->count++] = value;
    return -1;
}

/* -1, or the exit status. */
static int store(const struct cli *cli, const struct cli_option *option, const char *value)
{
    if (option->list != NULL) {
        return add(cli, option->list, value);
    }
    if (*option->value != NULL) {
        return cli_usage(cli, "%s is given twice", option->name);
    }
    *option->value = value;
    return -1;
}

/* Takes the option at argv[*i], and its value, and moves *i to the last argument used. -1, or the
 * exit status. */
static int take_option(const struct cli *cli, const struct cli_option *options, int *i)
{
    const char *argument = cli->argv[*i];
    size_t length = strcspn(argument, "=");
    const char *value = argument[length] == '=' ? argument + length + 1 : NULL;
    const struct cli_option *option = options;
    while (option->name != NULL &&
           (strlen(option->name) != length || strncmp(option->name, argument, length) != 0)) {
        option++;
    }
    if (option->name == NULL) {
        return cli_is_token(argument)
                   ? cli_usage(cli, "unknown option '(a token)'")
                   : cli_usage(cli, "unknown option '%.*s'", (int)length, argument);
    }
    if (option->flag != NULL) {
        if (value != NULL) {
            return cli_usage(cli, "%s takes no value", option->name);
        }
        *option->flag = true;
        return -1;
    }
    if (value == NULL) {
        if (*i + 1 >= cli->argc) {
            return cli_usage(cli, "%s needs a value", option->name);
        }
        value = cli->argv[++*i];
    }
    return store(cli, option, value);
}

/* All arguments but options go to *list. -1, or the exit status. */
static int parse(const struct cli *cli, const struct cli_option *options, struct cli_list *list)
{
    bool only_operands = false;
    for (int i = 0; i < cli->argc; i++) {
        const char *argument = cli->argv[i];
        int status = -1;
        if (!only_operands && strcmp(argument, "--") == 0) {
            only_operands = true;
        } else if (!only_operands && strcmp(argument, "--help") == 0) {
            fputs(cli->help, stdout);
            return EXIT_SUCCESS;
        } else if (!only_operands && argument[0] == '-' && argument[1] != '\0') {
            status = take_option(cli, options, &i);
        } else {
            status = add(cli, list, argument);
        }
        if (status >= 0) {
            return status;
        }
    }
    return -1;
}

int cli_parse(const struct cli *cli, const struct cli_option *options, const char *operand_name,
              const char **operand)
{
    struct cli_list list CLEANUP(cli_list_cleanup) = {0};
    const size_t most = operand_name != NULL ? 1 : 0;
    int status = parse(cli, options, &list);
    if (status >= 0) {
        return status;
    }
    if (list.count > most) {
        return cli_usage(cli, "unexpected argument '%s'", shown(list.items[most]));
    }
    if (list.count == 1) {
        *operand = list.items[0];
    } else if (operand_name != NULL && operand_name[0] != '[') {
        return cli_usage(cli, "%s is missing", operand_name);
    }
    return -1;
}

int cli_parse_list(const struct cli *cli, const struct cli_option *options,
                   const char *operand_name, struct cli_list *operands)
{
    int status = parse(cli, options, operands);
    return status < 0 && operands->count == 0 ? cli_usage(cli, "%s is missing", operand_name)
                                              : status;
}
