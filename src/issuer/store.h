/* SPDX-License-Identifier: MIT */
/* The directory of an issuer:
 *
 *     DIR/private/              0700: state.json, KID.pem (0600), lock
 *     DIR/www/.well-known/      0755: jwks.json, openid-configuration (0644)
 *
 * DIR/www is what a web server serves.
 *
 * Each of the directories must be ours and writable by nobody else, and so must all above DIR, as
 * for files in safepath.h. They are opened one from the other, following no link, and judged, and
 * given their modes, by descriptor: root may run this where others have planted links. A document
 * is replaced whole (temporary file, fsync, rename, fsync of the directory): readers see the old
 * one or the new one. All functions return 0 or an exit status with the message in `diag`. */
#ifndef FB_ISSUER_STORE_H
#define FB_ISSUER_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "issuer/storedir.h"

#define STORE_STATE     "state.json"
#define STORE_JWKS      "jwks.json"
#define STORE_DISCOVERY "openid-configuration"

struct store {
    struct store_dirs dirs;
    int lock;
};

#define STORE_CLOSED       \
    (struct store)         \
    {                      \
        {NULL, -1, -1}, -1 \
    }

/* Opens DIR as it is. EX_NOINPUT: there is no issuer; EX_NOPERM: a directory is not ours, can be
 * written by others, or is a link. */
int store_open(struct store *store, const char *path, struct diag *diag);

/* Makes what is missing of the directories and takes the lock. EX_CANTCREAT: it cannot be made, or
 * an issuer or a document of its is there already; EX_NOPERM as above. */
int store_create(struct store *store, const char *path, struct diag *diag);

/* Waits until no other process changes this issuer, and keeps others out until the store is
 * closed. */
int store_lock(struct store *store, struct diag *diag);

void store_close(struct store *store); /* for CLEANUP() */

/* The text of a private file, which the caller owns: NUL-terminated, at most 1 MiB. It must be a
 * regular file of ours that nobody else can read or write. EX_NOINPUT if there is none. The caller
 * wipes it with secret_cleanup(). */
int store_read(const struct store *store, const char *name, char **text, size_t *length,
               struct diag *diag);

/* Replaces a private file, or a public document. EX_CANTCREAT: the old one, if any, is as it was.
 * The lock must be held. */
int store_write(const struct store *store, const char *name, const char *text, size_t length,
                struct diag *diag);
int store_publish(const struct store *store, const char *name, const char *text, size_t length,
                  struct diag *diag);

/* The same for the private key of this kid, KID.pem. The caller wipes it with secret_cleanup(). */
int store_read_key(const struct store *store, const char *kid, char **pem, struct diag *diag);
int store_write_key(const struct store *store, const char *kid, const char *pem, size_t length,
                    struct diag *diag);

/* Calls `keep` for the kid of each private key, and removes those it returns false for. */
int store_sweep(const struct store *store, bool (*keep)(const void *context, const char *kid),
                const void *context, struct diag *diag);

#endif
