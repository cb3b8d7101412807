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
#include "ctl/cacheowner.h"
#include "ctl/commands.h"
#include "ctl/workerorigin.h"
#include "door/door.h"
#include "json/json.h"

/* One issuer. */
#define PROFILES 1

const char explain_help[] =
    "Usage: bearerctl explain - | FILE [--require POLICY] [--json]\n"
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
    "                     enough\n"
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
static void decide(struct profile *profile, struct explain *explain)
{
    const struct credentials credentials = {.authorization = explain->credentials};
    const struct demands demands = {.location = explain->requirement, .token_needed = true};
    explain->now = time(NULL);
    const struct verdict verdict =
        door_decide(profile, explain->revocations, &credentials, &demands, explain->now);
    explain->code = verdict.code;
    explain->revoked = verdict.revoked;
    if (verdict.code != BEARER_OK) {
        response_begin(&explain->answer);
        denial_write(&explain->answer, verdict.code, profile, verdict.lacking);
    }
    keycache_view(profile->keys, &explain->keys);
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

static int explain_token(const struct cli *cli, const char *credentials,
                         const struct requirement *requirement, bool json)
{
    struct explain explain CLEANUP(clear_explain) = {.requirement = requirement,
                                                     .credentials = credentials};
    const struct log log = {.level = LOG_LEVEL_WARN, .write = take_line, .context = &explain.notes};
    const struct keycache_options options = {.may_keep = true, .look_only = true, .log = &log};
    struct config *config CLEANUP(config_cleanup) = NULL;
    struct diag diag = {0};
    int status = load(cli, &config);
    if (status >= 0) {
        return status;
    }
    struct profile *profile CLEANUP(profile_cleanup) = profile_new(config, &options);
    if (profile == NULL) {
        return cli_fail(cli, EX_SOFTWARE, "out of memory");
    }
    explain.config = steal(&config);
    if (!revocations_open(explain.config, PROFILES, &explain.revocations, &diag)) {
        return cli_fail(cli, EX_CONFIG, "%s", diag.text);
    }
    decide(profile, &explain);
    explain_checks(&explain);
    explain_mend(&explain);
    if (!json) {
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
    const char *operand = NULL;
    const char *require = NULL;
    bool json = false;
    const struct cli_option options[] = {{.name = "--require", .value = &require},
                                         {.name = "--json", .flag = &json},
                                         {.name = NULL}};
    int status = cli_parse(cli, options, "FILE or -", &operand);
    if (status >= 0) {
        return status;
    }
    if (cli_is_token(operand) || (require != NULL && cli_is_token(require))) {
        return cli_usage(
            cli,
            "a token is not taken as an argument, where the shell's history and the list of "
            "processes show it. Pipe it, or paste it after \"bearerctl explain -\"; once it is in "
            "the history, it is better to ask for a new one");
    }
    if (!requirement_parse(require != NULL ? require : "valid-token", &requirement, &diag)) {
        return cli_usage(cli, "--require: %s", diag.text);
    }
    /* First: whom root becomes may not be able to read it. */
    char *credentials CLEANUP(cleanup_free) = NULL;
    status = explain_input(cli, operand, &credentials);
    return status >= 0 ? status : explain_token(cli, credentials, &requirement, json);
}
