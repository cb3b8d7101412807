/* SPDX-License-Identifier: MIT */
/* bearerctl doctor: what is configured, what is wrong, and how to mend it. It changes nothing. */
#include "ctl/doctor/doctor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "config/config_load.h"
#include "ctl/cacheowner.h"
#include "ctl/commands.h"
#include "ctl/explain/explain.h"
#include "ctl/workerorigin.h"
#include "jose/keyset.h"

extern char **environ;

const char doctor_help[] =
    "Usage: bearerctl doctor [--user NAME] [--offline] [--token FILE] [URL]\n"
    "\n"
    "Reads the configuration as a worker does, looks at the key cache, fetches the signing\n"
    "keys and says what it finds: one finding a line, which begins with ok, warning or\n"
    "failure, and at the end how many of each. It changes nothing, and keeps no key that it\n"
    "fetches.\n"
    "\n"
    "Give it the URL of a private endpoint, or of anything that is guarded, as clients call\n"
    "it. It then asks that URL with made-up tokens: is the door closed, does the\n"
    "Authorization header arrive, do denials come back unchanged, how long may a token be,\n"
    "which line of the web server's configuration is missing, and is there a way around the\n"
    "guard: by another spelling, method or ending? It sends no real token except the one that\n"
    "--token gives.\n"
    "\n"
    "  --user NAME   look at everything as this user: the one that the web server runs the\n"
    "                workers as. Needs root, or to be that user. Without it, root looks as\n"
    "                the owner of the configuration, else as the owner of the cache directory\n"
    "  --offline     do not fetch the keys\n"
    "  --token FILE  a good token for the URL, or - for standard input: what does it get, may\n"
    "                a cache keep that, and who gets it afterwards? One without the scope\n"
    "                that the URL requires finds rules that require less. It is sent to this\n"
    "                site only, by https:// or to this machine\n"
    "\n"
    "BEARER_HOME names the folder of bearer.fcgi if that is neither beside this program nor\n"
    "in " FB_PKGLIBEXECDIR ".\n"
    "\n"
    "exit status: 0 all is ok, 1 the worst was a warning, 2 there was a failure, 64 usage, 67\n"
    "no such user, 70 something failed inside, 74 standard output cannot be written, 77\n"
    "--user needs root\n";

/* Who runs the workers: as named, else, for root, whoever the cache directory belongs to, else we.
 * -1 to go on, else the exit status. */
static int choose_user(const struct cli *cli, const char *name, struct doctor *doctor)
{
    user_of(geteuid(), getegid(), &doctor->user);
    if (name != NULL) {
        char shown[FINDING_PIECE];
        if (!user_named(name, &doctor->user)) {
            return cli_fail(cli, EX_NOUSER, "there is no user '%s'", finding_shown(shown, name));
        }
        if (doctor->user.uid != geteuid() && geteuid() != 0) {
            return cli_fail(cli, EX_NOPERM,
                            "only root can look at things as %s: use sudo, or leave out --user",
                            doctor->user.name);
        }
        return -1;
    }
    if (geteuid() != 0) {
        return -1;
    }
    struct stat status;
    struct user owner;
    if (configowner_find(&doctor->origin, &owner)) {
        doctor->user = owner;
        doctor->of_config = true;
        return -1;
    }
    struct config_origin origin =
        doctor->origin; /* borrows; only this one takes a cache of anybody's */
    origin.any_cache_owner = true;
    struct config *config CLEANUP(config_cleanup) = config_load(&origin, NULL, NULL);
    if (config != NULL && config->cache_dir != NULL && lstat(config->cache_dir, &status) == 0 &&
        S_ISDIR(status.st_mode)) {
        user_of(status.st_uid, status.st_gid, &doctor->user);
    }
    return -1;
}

static void tell_user(struct doctor *doctor, bool named)
{
    if (doctor->user.uid == 0) {
        finding(
            &doctor->findings, FINDING_WARNING,
            "user: looking as root, which sees more than workers do; give --user NAME, the user "
            "the web server runs them as");
    } else {
        finding(
            &doctor->findings, FINDING_OK, "user: looking as %s%s", doctor->user.name,
            named               ? ""
            : doctor->of_config ? ", the owner of the configuration; --user NAME names another one"
            : doctor->user.uid != geteuid() ? ", the owner of the cache directory"
                                            : "; with --user NAME root can look as another one");
    }
}

/* One profile, and its keys. Lines say which where there is more than one. */
static void examine_profile(struct doctor *doctor, const struct config *config)
{
    doctor->config = config;
    doctor->findings.profile = doctor->all->next != NULL ? config->profile : NULL;
    keyset_free(doctor->held);
    doctor->held = NULL;
    doctor_profile(doctor);
    doctor_cache(doctor);
    doctor_keys(doctor);
    doctor->findings.profile = NULL;
    doctor->config = doctor->all;
}

/* Everything, as the user we are. Returns the exit status. */
static int examine(struct doctor *doctor)
{
    doctor_config(doctor);
    for (const struct config *each = doctor->all; each != NULL; each = each->next) {
        examine_profile(doctor, each);
    }
    if (doctor->all == NULL) {
        finding(&doctor->findings, FINDING_WARNING,
                "cache and keys: not looked at while the configuration has errors");
    }
    if (doctor->url_text != NULL) {
        doctor_url(doctor);
    }
    return findings_end(&doctor->findings);
}

/* The environment without what says where the home of the caller is. The caller's; the strings are
 * borrowed. NULL: out of memory. */
static char **foreign_environment(void)
{
    size_t count = 0;
    while (environ[count] != NULL) {
        count++;
    }
    char **kept = calloc(count + 1, sizeof *kept);
    size_t used = 0;
    for (size_t i = 0; kept != NULL && i < count; i++) {
        if (strncmp(environ[i], "HOME=", 5) != 0 &&
            strncmp(environ[i], "XDG_CACHE_HOME=", 15) != 0) {
            kept[used++] = environ[i];
        }
    }
    return kept;
}

/* In a child, which becomes the user for good. It ends here and not in main(): what is to be
 * released or said at exit is the parent's. */
__attribute__((noreturn)) static void run_child(const struct cli *cli, struct doctor *doctor)
{
    struct diag diag = {0};
    char **environment = foreign_environment();
    if (environment == NULL || !user_become(&doctor->user, &diag)) {
        _exit(cli_fail(cli, EX_SOFTWARE, "%s", environment == NULL ? "out of memory" : diag.text));
    }
    doctor->origin.environment = environment;
    int status = examine(doctor);
    config_free(doctor->all);
    keyset_free(doctor->held);
    free(environment);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        status = cli_fail(cli, EX_IOERR, "cannot write to standard output: %s", strerror(errno));
    }
    _exit(status);
}

static int examine_as_other(const struct cli *cli, struct doctor *doctor)
{
    int status = 0;
    (void)fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        run_child(cli, doctor);
    }
    if (pid < 0) {
        return cli_fail(cli, EX_SOFTWARE, "no child process: %s", strerror(errno));
    }
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return cli_fail(cli, EX_SOFTWARE, "the child process is lost: %s", strerror(errno));
        }
    }
    return WIFEXITED(status)
               ? WEXITSTATUS(status)
               : cli_fail(cli, EX_SOFTWARE, "the child process was ended by signal %d",
                          WTERMSIG(status));
}

static void clear(struct doctor *doctor)
{
    free(doctor->credentials);
    config_free(doctor->all);
    keyset_free(doctor->held);
    config_origin_clear(&doctor->origin);
    transfer_url_clear(&doctor->url);
}

/* The token in the file `operand`, as explain takes it, for the URL. -1 to go on, else the exit
 * status. Nothing of the operand is shown: it may be the token itself. */
static int take_token(const struct cli *cli, const char *operand, struct doctor *doctor)
{
    if (cli_is_token(operand)) {
        return cli_usage(
            cli, "a token is not taken as an argument, where the shell's history and the list of "
                 "processes show it. Put it into a file, or pipe it in after \"--token -\"");
    }
    if (doctor->url_text == NULL) {
        return cli_usage(cli, "--token is for a URL, and none was given");
    }
    if (!doctor->url.https && !doctor->url.loopback) {
        return cli_usage(
            cli,
            "a token is not sent by plain http:// to another machine, where anyone on the way can "
            "take it; name the https:// URL, or leave out --token");
    }
    int status = explain_input(cli, operand, &doctor->credentials);
    if (status < 0 && strncasecmp(doctor->credentials, "Bearer ", 7) != 0) {
        return cli_fail(cli, EX_DATAERR,
                        "what --token names holds credentials of another scheme than Bearer");
    }
    return status;
}

int doctor_run(const struct cli *cli)
{
    struct doctor doctor CLEANUP(clear) = {0};
    const char *name = NULL;
    const char *token = NULL;
    const struct cli_option options[] = {{.name = "--user", .value = &name},
                                         {.name = "--offline", .flag = &doctor.offline},
                                         {.name = "--token", .value = &token},
                                         {.name = NULL}};
    int status = cli_parse(cli, options, "[URL]", &doctor.url_text);
    if (status >= 0) {
        return status;
    }
    const char *flaw = doctor.url_text != NULL ? transfer_url(doctor.url_text, &doctor.url) : NULL;
    if (flaw != NULL) {
        return cli_usage(cli, "the argument %s", flaw);
    }
    status = token != NULL ? take_token(cli, token, &doctor) : -1;
    if (status >= 0) {
        return status;
    }
    doctor.program_found = worker_origin(&doctor.origin);
    status = choose_user(cli, name, &doctor);
    if (status >= 0) {
        return status;
    }
    findings_start(&doctor.findings, stdout);
    tell_user(&doctor, name != NULL);
    return doctor.user.uid == geteuid() ? examine(&doctor) : examine_as_other(cli, &doctor);
}
