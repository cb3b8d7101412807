/* SPDX-License-Identifier: MIT */
/* A libc that came along with the program, on a machine that has another. */
#ifndef FB_CLI_OWNLIBC_H
#define FB_CLI_OWNLIBC_H

/* To be called first in main(). Where the program was started through a loader that was named on
 * the command line, as in the bundle for shared hosts, libc is not the machine's: names are then
 * looked up by what is in it (files, DNS) and not by the modules that /etc/nsswitch.conf names,
 * which are made for another libc and bring other libraries of the machine along. Else does
 * nothing. */
void ownlibc_begin(void);

#endif
