/* SPDX-License-Identifier: MIT */
#include "ctl/users.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void set(struct user *user, const struct passwd *entry)
{
    *user = (struct user){.uid = entry->pw_uid, .gid = entry->pw_gid, .known = true};
    (void)snprintf(user->name, sizeof user->name, "%s", entry->pw_name);
    (void)snprintf(user->word, sizeof user->word, "%s", entry->pw_name);
}

void user_of(uid_t uid, gid_t gid, struct user *user)
{
    const struct passwd *entry = getpwuid(uid);
    if (entry != NULL) {
        set(user, entry);
        return;
    }
    *user = (struct user){.uid = uid, .gid = gid};
    (void)snprintf(user->name, sizeof user->name, "uid %lu", (unsigned long)uid);
    (void)snprintf(user->word, sizeof user->word, "%lu", (unsigned long)uid);
}

bool user_named(const char *name, struct user *user)
{
    const struct passwd *entry = getpwnam(name);
    if (entry == NULL) {
        return false;
    }
    set(user, entry);
    return true;
}

static bool take_groups(const struct user *user)
{
    return (user->known ? initgroups(user->name, user->gid) : setgroups(0, NULL)) == 0 &&
           setgid(user->gid) == 0;
}

bool user_become(const struct user *user, struct diag *diag)
{
    if (user->uid == geteuid() && user->uid == getuid()) {
        return true;
    }
    if (!take_groups(user) || setuid(user->uid) != 0 || (user->uid != 0 && setuid(0) == 0)) {
        diag_set(diag, "cannot become %s: %s", user->name, strerror(errno));
        return false;
    }
    return true;
}
