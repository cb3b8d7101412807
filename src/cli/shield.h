/* SPDX-License-Identifier: MIT */
/* What each of our programs does to itself first. */
#ifndef FB_CLI_SHIELD_H
#define FB_CLI_SHIELD_H

#include <stdbool.h>

/* To be called first in main(), before anything that is secret is read, and before anything is
 * opened. False: a standard stream is closed and cannot be replaced; exit with EX_OSERR.
 * - Other processes of the same user, those of a site beside ours for example, can neither trace
 *   this one nor read its memory, which holds tokens; nor does a crash leave them in a file. Root
 *   still can.
 * - A file that would grow beyond RLIMIT_FSIZE gives its writer an error (EFBIG), which is told,
 *   where a signal would end the process without a word.
 * - What is made belongs to us alone, in the mode its maker asks for, whatever the umask was; what
 *   others may read is said so on its descriptor.
 * - Variables by which a library would write secrets into a file, or take another host for the one
 *   that is named, are no longer in the environment.
 * - Where the caller has closed a standard stream, as the FastCGI specification has it for standard
 *   output and error, no file or connection that is opened takes its number, into which our
 *   messages would go.
 * Children begin anew with the first two (a signal that is ignored stays so unless it is set to its
 * default). */
bool shield_begin(void);

#endif
