/* SPDX-License-Identifier: MIT */
#include "cli/ownlibc.h"

#include <nss.h>
#include <sys/auxv.h>

void ownlibc_begin(void)
{
    /* The kernel has loaded an interpreter unless that was itself the program to start. */
    if (getauxval(AT_BASE) != 0) {
        return;
    }
    (void)__nss_configure_lookup("passwd", "files");
    (void)__nss_configure_lookup("group", "files");
    (void)__nss_configure_lookup("initgroups", "files");
    (void)__nss_configure_lookup("hosts", "files dns");
}
