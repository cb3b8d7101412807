/* SPDX-License-Identifier: MIT */
#include "issuer/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/replacefile.h"
#include "base/safefile.h"
#include "issuer/keys.h"

#define FILE_MAX   (1024 * 1024)
#define NAME_SPACE 64 /* our own names are shorter */
#define LOCK       "lock"

void store_close(struct store *store)
{
    cleanup_fd(&store->dirs.private_dir);
    cleanup_fd(&store->dirs.public_dir);
    cleanup_fd(&store->lock);
    *store = STORE_CLOSED;
}

int store_open(struct store *store, const char *path, struct diag *diag)
{
    *store = STORE_CLOSED;
    store->dirs.path = path;
    return store_directories(&store->dirs, false, diag);
}

static bool present(int dir, const char *name)
{
    struct stat st;
    return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

int store_create(struct store *store, const char *path, struct diag *diag)
{
    *store = STORE_CLOSED;
    store->dirs.path = path;
    int status = store_directories(&store->dirs, true, diag);
    if (status == 0) {
        status = store_lock(store, diag);
    }
    if (status != 0) {
        return status;
    }
    if (present(store->dirs.private_dir, STORE_STATE)) {
        diag_set(
            diag,
            "%s already holds an issuer, which is left as it is: 'bearer-issuer rotate' gives it a "
            "new key; for another issuer name another directory",
            path);
        return EX_CANTCREAT;
    }
    static const char *const documents[] = {STORE_JWKS, STORE_DISCOVERY};
    for (size_t i = 0; i < 2; i++) {
        if (present(store->dirs.public_dir, documents[i])) {
            diag_set(diag,
                     "%s/" WELL_KNOWN
                     "/%s is there already, without its issuer: remove it if nobody needs it, or "
                     "name another directory",
                     path, documents[i]);
            return EX_CANTCREAT;
        }
    }
    return 0;
}

int store_lock(struct store *store, struct diag *diag)
{
    store->lock =
        openat(store->dirs.private_dir, LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (store->lock < 0) {
        diag_set(diag, "%s/" PRIVATE "/" LOCK ": %s", store->dirs.path, strerror(errno));
        return EX_CANTCREAT;
    }
    while (flock(store->lock, LOCK_EX) != 0) {
        if (errno != EINTR) {
            diag_set(diag, "cannot lock %s/" PRIVATE "/" LOCK ": %s", store->dirs.path,
                     strerror(errno));
            return EX_CANTCREAT;
        }
    }
    return 0;
}

static int refuse_file(const struct store *store, const char *name, const char *why,
                       struct diag *diag)
{
    diag_set(diag, "%s/" PRIVATE "/%s: %s", store->dirs.path, name, why);
    return EX_NOPERM;
}

int store_read(const struct store *store, const char *name, char **text, size_t *length,
               struct diag *diag)
{
    *text = NULL;
    /* O_NONBLOCK: a FIFO is to be refused, not waited for. */
    int fd CLEANUP(cleanup_fd) =
        openat(store->dirs.private_dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        int status = errno == ENOENT ? EX_NOINPUT : EX_NOPERM;
        (void)refuse_file(store, name, strerror(errno), diag);
        return status;
    }
    if (!S_ISREG(st.st_mode)) {
        return refuse_file(store, name, "not a regular file", diag);
    }
    if (st.st_uid != geteuid() || (st.st_mode & 077) != 0) {
        return refuse_file(store, name, "open to other users: chown it to yourself and chmod 600",
                           diag);
    }
    if (st.st_size > FILE_MAX) {
        return refuse_file(store, name, "longer than 1 MiB: not written by this program", diag);
    }
    size_t size = (size_t)st.st_size;
    char *read CLEANUP(secret_cleanup) = calloc(size + 1, 1);
    if (read == NULL) {
        diag_set(diag, "out of memory");
        return EX_SOFTWARE;
    }
    if (!safe_read_all(fd, read, size, length)) {
        return refuse_file(store, name, strerror(errno), diag);
    }
    *text = steal(&read);
    return 0;
}

/* Keeping a key, or telling everybody of it, has failed where it may be gone after a crash. */
static bool replace(int dir, const char *name, mode_t mode, const char *text, size_t length)
{
    const struct replace_piece piece = {text, length};
    char temporary[NAME_SPACE];
    bool synced = false;
    int n = snprintf(temporary, sizeof temporary, ".%s.new", name);
    if (n < 0 || (size_t)n >= sizeof temporary) {
        errno = ENAMETOOLONG;
        return false;
    }
    return replace_file(dir, temporary, name, REPLACE_OURS(mode), &piece, 1, &synced) ==
               REPLACE_DONE &&
           synced;
}

int store_write(const struct store *store, const char *name, const char *text, size_t length,
                struct diag *diag)
{
    if (replace(store->dirs.private_dir, name, 0600, text, length)) {
        return 0;
    }
    diag_set(diag, "cannot write %s/" PRIVATE "/%s: %s", store->dirs.path, name, strerror(errno));
    return EX_CANTCREAT;
}

int store_publish(const struct store *store, const char *name, const char *text, size_t length,
                  struct diag *diag)
{
    if (replace(store->dirs.public_dir, name, 0644, text, length)) {
        return 0;
    }
    diag_set(diag, "cannot write %s/" WELL_KNOWN "/%s: %s", store->dirs.path, name,
             strerror(errno));
    return EX_CANTCREAT;
}

#define KEY_NAME_SIZE (KEYS_KID_LENGTH + sizeof ".pem")

static void key_name(char name[KEY_NAME_SIZE], const char *kid)
{
    (void)snprintf(name, KEY_NAME_SIZE, "%.*s.pem", KEYS_KID_LENGTH, kid);
}

int store_read_key(const struct store *store, const char *kid, char **pem, struct diag *diag)
{
    char name[KEY_NAME_SIZE];
    size_t length = 0;
    key_name(name, kid);
    return store_read(store, name, pem, &length, diag);
}

int store_write_key(const struct store *store, const char *kid, const char *pem, size_t length,
                    struct diag *diag)
{
    char name[KEY_NAME_SIZE];
    key_name(name, kid);
    return store_write(store, name, pem, length, diag);
}

static void dir_cleanup(DIR **dir)
{
    if (*dir != NULL) {
        closedir(*dir);
    }
}

/* True, and the kid, if the file is named as this program names keys. */
static bool is_key_file(const char *name, char kid[KEYS_KID_LENGTH + 1])
{
    if (strspn(name, KEYS_KID_DIGITS) != KEYS_KID_LENGTH ||
        strcmp(name + KEYS_KID_LENGTH, ".pem") != 0) {
        return false;
    }
    memcpy(kid, name, KEYS_KID_LENGTH);
    kid[KEYS_KID_LENGTH] = '\0';
    return true;
}

int store_sweep(const struct store *store, bool (*keep)(const void *context, const char *kid),
                const void *context, struct diag *diag)
{
    int fd = openat(store->dirs.private_dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir CLEANUP(dir_cleanup) = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL) {
        diag_set(diag, "%s/" PRIVATE ": %s", store->dirs.path, strerror(errno));
        cleanup_fd(&fd);
        return EX_OSERR;
    }
    char kid[KEYS_KID_LENGTH + 1];
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (is_key_file(entry->d_name, kid) && !keep(context, kid) &&
            unlinkat(store->dirs.private_dir, entry->d_name, 0) != 0) {
            diag_set(diag, "cannot remove %s/" PRIVATE "/%s: %s", store->dirs.path, entry->d_name,
                     strerror(errno));
            return EX_CANTCREAT;
        }
    }
    return 0;
}
