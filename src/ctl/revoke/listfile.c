/* SPDX-License-Identifier: MIT */
#include "ctl/revoke/listfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/replacefile.h"
#include "base/safefile.h"
#include "config/config_load.h"
#include "ctl/cacheowner.h"
#include "ctl/workerorigin.h"
#include "keys/attempt.h"

/* So long one revocation waits for others, which take some milliseconds each. */
#define LOCK_WAIT_MS 15000

void listfile_clear(struct listfile *file)
{
    config_free(file->config);
    revoked_free(file->list);
    free(file->path);
    free(file->text);
    cleanup_fd(&file->dir);
    cleanup_fd(&file->file);
}

/* The workers' configuration. -1 to go on, else the exit status. */
static int load(const struct cli *cli, struct listfile *file)
{
    struct config_origin origin CLEANUP(config_origin_clear) = {0};
    struct diag diag = {0};
    char program[64];
    (void)worker_origin(&origin);
    (void)snprintf(program, sizeof program, "%s %s", cli->program, cli->command);
    if (!configowner_become(&origin, program, &diag)) {
        return cli_fail(cli, EX_NOPERM, "%s", diag.text);
    }
    origin.any_cache_owner = true; /* it is not used */
    file->config = config_load(&origin, NULL, &diag);
    if (file->config == NULL) {
        return cli_fail(cli, EX_CONFIG, "%s", diag.text);
    }
    if (file->config->revoked_file == NULL) {
        return cli_fail(
            cli, EX_CONFIG,
            "there is no list: make an empty one (install -m 644 /dev/null "
            "/etc/fcgi-bearer/revoked), and write BEARER_REVOKED_FILE=/etc/fcgi-bearer/revoked "
            "into %s",
            file->config->file != NULL ? file->config->file : "bearer.env");
    }
    return -1;
}

static int refuse(const struct cli *cli, const char *text)
{
    return cli_fail(cli, EX_CONFIG, "BEARER_REVOKED_FILE: %s", text);
}

/* What stands at the path, without links, and the directory that has it. As root, from here on as
 * the owner of that directory. -1 to go on, else the exit status. */
static int find(const struct cli *cli, struct listfile *file)
{
    struct diag diag = {0};
    char shown[SAFE_SHOWN_MAX];
    const char *path = file->config->revoked_file;
    file->path = realpath(path, NULL);
    if (file->path == NULL) {
        (void)safe_shown(shown, path);
        if (errno == ENOENT) {
            return cli_fail(cli, EX_CONFIG,
                            "BEARER_REVOKED_FILE: %s is missing; put the list back, or begin an "
                            "empty one: install -m 644 /dev/null %s",
                            shown, shown);
        }
        return cli_fail(cli, EX_CONFIG, "BEARER_REVOKED_FILE: %s: %s", shown, strerror(errno));
    }
    char *slash = strrchr(file->path, '/');
    *slash = '\0';
    const bool become = cacheowner_become(slash > file->path ? file->path : "/", &diag);
    *slash = '/';
    if (!become) {
        return cli_fail(cli, EX_NOPERM, "%s", diag.text);
    }
    file->dir = safe_parent(file->path, file->config->program_owner, &file->base, &diag);
    return file->dir < 0 ? refuse(cli, diag.text) : -1;
}

/* Locks what stands there at that moment: whoever had the lock before may have put another file
 * there. -1 to go on, else the exit status. */
static int take_lock(const struct cli *cli, struct listfile *file)
{
    struct stat there;
    struct stat ours;
    for (;;) {
        cleanup_fd(&file->file);
        file->file = openat(file->dir, file->base, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (file->file < 0) {
            return cli_fail(cli, EX_CONFIG, "BEARER_REVOKED_FILE: %s: %s", file->path,
                            strerror(errno));
        }
        if (!attempt_lock(file->file, LOCK_WAIT_MS, NULL)) {
            return errno == EWOULDBLOCK
                       ? cli_fail(cli, EX_TEMPFAIL, "another revocation does not end; try again")
                       : cli_fail(cli, EX_CANTCREAT, "%s cannot be locked: %s", file->path,
                                  strerror(errno));
        }
        if (fstatat(file->dir, file->base, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
            fstat(file->file, &ours) == 0 && there.st_dev == ours.st_dev &&
            there.st_ino == ours.st_ino) {
            return -1;
        }
    }
}

int listfile_open(const struct cli *cli, bool locked, struct listfile *file)
{
    struct diag diag = {0};
    int status = load(cli, file);
    if (status < 0) {
        status = find(cli, file);
    }
    if (status < 0 && locked) {
        status = take_lock(cli, file);
    }
    if (status >= 0) {
        return status;
    }
    if (safe_read(file->path, file->config->program_owner, REVOKED_OCTETS, &file->text,
                  &file->length, &file->status, &diag) != SAFE_OK) {
        return refuse(cli, diag.text[0] != '\0' ? diag.text : "it is missing");
    }
    file->list = revoked_parse(file->text, file->length, config_count(file->config), &diag);
    if (file->list == NULL) {
        diag_wrap(&diag, "%s", file->path);
        return refuse(cli, diag.text);
    }
    return -1;
}

int listfile_replace(const struct cli *cli, const struct listfile *file, const char *text,
                     size_t length)
{
    static const char *const failed[] = {[REPLACE_CREATE] = "cannot be made",
                                         [REPLACE_WRITE] = "cannot be written",
                                         [REPLACE_OWNER] = "cannot have the owner of the list",
                                         [REPLACE_RENAME] = "cannot be put in its place"};
    const struct replace_piece piece = {text, length};
    const struct replace_as as = {.mode = file->status.st_mode & 07777,
                                  .owner = file->status.st_uid,
                                  .group = file->status.st_gid};
    struct stat there;
    struct stat ours;
    char temporary[NAME_MAX + 1];
    bool synced = false;
    if ((size_t)snprintf(temporary, sizeof temporary, ".%s.new", file->base) >= sizeof temporary) {
        return cli_fail(cli, EX_CONFIG, "BEARER_REVOKED_FILE: the name of %s is too long",
                        file->path);
    }
    if (fstatat(file->dir, file->base, &there, AT_SYMLINK_NOFOLLOW) != 0 ||
        !safe_same(&there, &file->status) || fstat(file->file, &ours) != 0 ||
        !safe_same(&there, &ours)) {
        return cli_fail(cli, EX_TEMPFAIL, "%s has been changed meanwhile, by hand; try again",
                        file->path);
    }
    /* A descriptor that is only a path cannot be synced. */
    int dir CLEANUP(cleanup_fd) = openat(file->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const enum replace_step step =
        dir < 0 ? REPLACE_CREATE
                : replace_file(dir, temporary, file->base, &as, &piece, 1, &synced);
    if (step != REPLACE_DONE) {
        return cli_fail(cli, EX_CANTCREAT,
                        "the new list, %s beside %s, %s: %s; the list is as it was", temporary,
                        file->path, failed[step], strerror(errno));
    }
    if (!synced) {
        (void)cli_fail(cli, 0, "warning: the directory of %s cannot be synced: %s", file->path,
                       strerror(errno));
    }
    return -1;
}
