/* What each of our programs does to itself first. */
#ifndef FB_CLI_SHIELD_H
#define FB_CLI_SHIELD_H

/* To be called first in main(), before anything that is secret is read.
 * Other processes of the same user, those of a site beside ours for example, can neither trace this one nor read its memory, which holds tokens; nor does a crash leave them in a file. Root still
 * can. A file that would grow beyond RLIMIT_FSIZE gives its writer an error (EFBIG), which is told, where a signal would end the process without a word.
 * Children begin anew with both (a signal that is ignored stays so unless it is set to its default). */
void shield_begin(void);

#endif
