/* SPDX-License-Identifier: MIT */
/* bearerctl explain: what a worker would decide about a token, and why. Nothing is fetched and
 * nothing changed. */
#include "ctl/explain/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "answer/denial.h"
#include "base/cleanup.h"
#include "config/config_load.h"
#include "ctl/cacheowner.h"
#include "ctl/commands.h"
#include "ctl/workerorigin.h"
#include "door/door.h"
#include "json/json.h"

const char explain_help[] =
    "Usage: bearerctl explain - | FILE [--profile NAMES] [--require POLICY] [--json]\n"
    "       bearerctl explain --require POLICY\n"
    "\n"
    "Says what a worker would decide about the token in FILE, or on standard input (-), and\n"
    "why: each check, the answer a client would get, and how to mend what is wrong. White\n"
    "space around the token and \"Authorization: Bearer\" before it do not matter. It uses\n"
    "the configuration and the keys of the workers, from the cache or the file as they are\n"
    "now, and fetches nothing. It takes no token as an argument: the shell would keep it. It\n"
    "prints what the token says.\n"
    "\n"
    "  --require POLICY   what the location or the endpoint requires, as in BEARER_REQUIRE:\n"
    "                     'scope=read:messages permission=x'. Without it a valid token is\n"
    "                     enough, or what the profile requires by its own BEARER_REQUIRE.\n"
    "                     Without a token it is said in words, and no more is done\n"
    "  --profile NAMES    the profiles whose tokens are taken there, as in BEARER_PROFILE;\n"
    "                     without it default alone\n"
    "  --json             one JSON object\n"
    "\n"
    "exit status: 0 accepted, 1 refused, 64 usage, 65 there is no token in the input, 66 it\n"
    "cannot be read, 70 something failed inside, 74 standard output cannot be written, 75\n"
    "there are no keys, 77 cannot run as the owner of the cache directory, 78 configuration\n";

static void clear_explain(struct explain *explain)
{
    revocations_free(explain->revocations);
    js_free(explain->header);
    js_free(explain->claims);
    text_clear(&explain->notes);
}

static void take_line(void *context, const char *line, size_t length)
{
    text_put(context, line, length);
}

/* The workers' configuration, as their user: the caller's. -1 to go on, else the exit status. */
static int load(const struct cli *cli, struct config **config)
{
    struct config_origin origin CLEANUP(config_origin_clear) = {0};
    struct diag diag = {0};
    (void)worker_origin(&origin);
    if (!configowner_become(&origin, "bearerctl explain", &diag)) {
        return cli_fail(cli, EX_NOPERM, "%s", diag.text);
    }
    origin.any_cache_owner = true; /* root: whosever it is, their user is what we become */
    *config = config_load(&origin, NULL, &diag);
    if (*config == NULL) {
        return cli_fail(cli, EX_CONFIG, "%s", diag.text);
    }
    if (!cacheowner_become((*config)->cache_dir, &diag)) {
        return cli_fail(cli, EX_NOPERM, "%s", diag.text);
    }
    return -1;
}

/* Has it judged, as a worker does. */
static void decide(const struct choice *choice, struct explain *explain)
{
    const struct credentials credentials = {.authorization = explain->credentials};
    struct demands demands = {
        .location = explain->requirement, .token_needed = true, .guard = true};
    struct choice_own own;
    choice_own(choice, &own);
    demands.of_profile = explain->requirement == NULL && own.without == NULL;
    if (explain->requirement == NULL) {
        (void)requirement_parse("valid-token", &explain->valid_token, NULL);
        explain->requirement = demands.location = &explain->valid_token;
    }
    explain->now = time(NULL);
    const struct verdict verdict =
        door_decide(choice, explain->revocations, &credentials, &demands, explain->now);
    explain->code = verdict.code;
    explain->revoked = verdict.revoked;
    if (verdict.code != BEARER_OK) {
        response_begin(&explain->answer);
        denial_write(&explain->answer, verdict.code, verdict.profile, &verdict);
    }
    explain->config = verdict.profile->config;
    if (explain->all->next != NULL) {
        const bool nobodys = verdict.code == BEARER_ISS_WRONG && verdict.token == NULL;
        explain->profile = nobodys ? "" : explain->config->profile;
    }
    if (demands.of_profile) {
        explain->requirement = &verdict.profile->require;
    }
    keycache_view(verdict.profile->keys, &explain->keys);
    (void)credentials_token(&credentials, &explain->text, &explain->length);
}

static int exit_status(enum bearer_code code)
{
    switch (bearer_outcome(code)->status) {
    case 200:
        return EXIT_SUCCESS;
    case 500:
        return EX_SOFTWARE;
    case 503:
        return EX_TEMPFAIL;
    default:
        return 1;
    }
}

/* What somebody wants to have explained. */
struct question {
    const char *operand;
    /* NULL: not said */
    const char *require, *profiles;
    bool json;
};

static int explain_token(const struct cli *cli, const char *credentials,
                         const struct question *question, const struct requirement *requirement)
{
    struct explain explain CLEANUP(clear_explain) = {.requirement = requirement,
                                                     .credentials = credentials};
    const struct log log = {.level = LOG_LEVEL_WARN, .write = take_line, .context = &explain.notes};
    const struct keycache_options options = {.may_keep = true, .look_only = true, .log = &log};
    struct config *config CLEANUP(config_cleanup) = NULL;
    struct choice choice;
    struct diag diag = {0};
    int status = load(cli, &config);
    if (status >= 0) {
        return status;
    }
    struct profiles *profiles CLEANUP(profiles_cleanup) = profiles_new(config, &options);
    if (profiles == NULL) {
        return cli_fail(cli, EX_SOFTWARE, "out of memory");
    }
    explain.all = steal(&config);
    if (!revocations_open(explain.all, config_count(explain.all), &explain.revocations, &diag)) {
        return cli_fail(cli, EX_CONFIG, "%s", diag.text);
    }
    choice_default(&choice, profiles);
    if (question->profiles != NULL && !choice_read(&choice, profiles, question->profiles, &diag)) {
        return cli_usage(cli, "--profile: %s", diag.text);
    }
    decide(&choice, &explain);
    explain_checks(&explain);
    explain_mend(&explain);
    explain_lines(&explain);
    if (!question->json) {
        explain_print(&explain);
    } else if (!explain_json(&explain)) {
        return cli_fail(cli, EX_SOFTWARE, "out of memory");
    }
    return exit_status(explain.code);
}

int explain_run(const struct cli *cli)
{
    struct requirement requirement;
    struct diag diag = {0};
    struct question question = {.operand = NULL};
    const struct cli_option options[] = {{.name = "--require", .value = &question.require},
                                         {.name = "--profile", .value = &question.profiles},
                                         {.name = "--json", .flag = &question.json},
                                         {.name = NULL}};
    int status = cli_parse(cli, options, "[FILE or -]", &question.operand);
    if (status >= 0) {
        return status;
    }
    if ((question.operand != NULL && cli_is_token(question.operand)) ||
        (question.require != NULL && cli_is_token(question.require))) {
        return cli_usage(
            cli,
            "a token is not taken as an argument, where the shell's history and the list of "
            "processes show it. Pipe it, or paste it after \"bearerctl explain -\"; once it is in "
            "the history, it is better to ask for a new one");
    }
    if (question.operand == NULL &&
        (question.require == NULL || question.profiles != NULL || question.json)) {
        return cli_usage(cli, "FILE or - is missing");
    }
    if (question.require != NULL && !requirement_parse(question.require, &requirement, &diag)) {
        return cli_usage(cli, "--require: %s", diag.text);
    }
    if (question.operand == NULL) {
        explain_print_meaning(&requirement);
        return EXIT_SUCCESS;
    }
    /* First: whom root becomes may not be able to read it. */
    char *credentials CLEANUP(cleanup_free) = NULL;
    status = explain_input(cli, question.operand, &credentials);
    return status >= 0 ? status
                       : explain_token(cli, credentials, &question,
                                       question.require != NULL ? &requirement : NULL);
}
