/* SPDX-License-Identifier: MIT */
/* Looking at things as another user does. */
#ifndef FB_CTL_USERS_H
#define FB_CTL_USERS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/diag.h"

struct user {
    uid_t uid;
    gid_t gid;
    /* for people; "uid N" if it has none */
    char name[64];
    /* for commands such as chown */
    char word[64];
    /* it is in the user database, and `name` is its name there */
    bool known;
};

/* The user of this uid. One that the database does not know gets the group `gid`. */
void user_of(uid_t uid, gid_t gid, struct user *user);

/* The user of this name; false: there is none. */
bool user_named(const char *name, struct user *user);

/* Gives up root for good and becomes the user, with all of its groups. Nothing happens if we are
 * that user. False with a message in `diag`: do not go on. */
bool user_become(const struct user *user, struct diag *diag);

#endif
