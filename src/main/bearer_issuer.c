/* bearer-issuer: a token issuer on your own machine, for development, demonstration and tests. */
#include <string.h>

#include "cli/cli.h"
#include "cli/shield.h"
#include "issuer/commands.h"

static const char help[] =
    "Usage: bearer-issuer COMMAND ...\n"
    "\n"
    "A token issuer on your own machine, for development and tests: a signing key, the\n"
    "documents that publish it, and tokens signed with it.\n"
    "\n"
    "  init DIR --issuer URL [--alg ALG]   make an issuer in the directory DIR\n"
    "  token DIR --aud AUDIENCE ...        print a token\n"
    "  rotate DIR [--publish | --drop]     sign with a new key\n"
    "\n"
    "  COMMAND --help                      more about one of them\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0; 64 wrong usage; 65 unusable data; 66 no such issuer; 70 a fault inside;\n"
    "73 a file cannot be made or replaced; 74 standard output cannot be written; 77 a file or\n"
    "directory of the issuer is not ours alone.\n";

int issuer_take_alg(const struct cli *cli, const char *text, enum jwa *alg)
{
    if (text == NULL) {
        return 0;
    }
    enum jwa named = jwa_parse(text, strlen(text));
    if (named != JWA_RS256 && named != JWA_ES256) {
        return cli_usage(cli, "--alg '%s': bearer-issuer signs with RS256 or ES256", text);
    }
    *alg = named;
    return 0;
}

int main(int argc, char **argv)
{
    static const struct cli_command commands[] = {
        {"init", issuer_init_help, issuer_init},
        {"token", issuer_token_help, issuer_token},
        {"rotate", issuer_rotate_help, issuer_rotate},
        {NULL, NULL, NULL},
    };
    static const struct cli_program program = {"bearer-issuer", help, commands};
    shield_begin();
    return cli_main(&program, argc, argv);
}
