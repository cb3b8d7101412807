/* The commands of bearer-issuer, each in its own file. They return an exit status. */
#ifndef FB_ISSUER_COMMANDS_H
#define FB_ISSUER_COMMANDS_H

#include "cli/cli.h"
#include "jose/jwa.h"

extern const char issuer_init_help[], issuer_token_help[], issuer_rotate_help[];

int issuer_init(const struct cli *cli);
int issuer_token(const struct cli *cli);
int issuer_rotate(const struct cli *cli);

/* The value of --alg: RS256 or ES256 in *alg, which stays as it is if `text` is NULL. 0, or EX_USAGE after a message. */
int issuer_take_alg(const struct cli *cli, const char *text, enum jwa *alg);

#endif
