/* SPDX-License-Identifier: MIT */
/* A second, independent opinion on a token: libjwt's.
 *
 *     jwt-opinion PUBLIC.pem < token
 *
 * Prints "accepted" and exits 0 if libjwt takes form and signature of the RS256 or ES256 token,
 * else "refused" and 1; 64 and a message if it cannot be asked. libjwt looks at no claim, and takes
 * the algorithm from the token: others than these two are refused here. */
#include <jwt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

/* libjwt puts a token on the stack more than once. */
#define TEXT_MAX (64 * 1024)

/* NUL-terminated, in `text`; false if there is nothing, too much, a NUL in it, or an error. */
static bool read_text(FILE *file, char text[TEXT_MAX + 1])
{
    size_t length = fread(text, 1, TEXT_MAX + 1, file);
    if (ferror(file) || length == 0 || length > TEXT_MAX) {
        return false;
    }
    text[length] = '\0';
    return strlen(text) == length;
}

static bool read_file(const char *path, char text[TEXT_MAX + 1])
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    bool good = read_text(file, text);
    fclose(file);
    return good;
}

int main(int argc, char **argv)
{
    static char pem[TEXT_MAX + 1];
    static char token[TEXT_MAX + 1];
    if (argc != 2) {
        fputs("usage: jwt-opinion PUBLIC.pem < token\n", stderr);
        return EX_USAGE;
    }
    if (!read_file(argv[1], pem) || strstr(pem, "-----BEGIN PUBLIC KEY-----") == NULL) {
        fprintf(stderr, "jwt-opinion: %s: no public key in PEM\n", argv[1]);
        return EX_USAGE;
    }
    if (!read_text(stdin, token)) {
        fputs("jwt-opinion: standard input: not a token of at most 64 KiB\n", stderr);
        return EX_USAGE;
    }
    token[strcspn(token, "\r\n")] = '\0';
    jwt_t *jwt = NULL;
    bool accepted = jwt_decode(&jwt, token, (const unsigned char *)pem, (int)strlen(pem)) == 0 &&
                    jwt != NULL &&
                    (jwt_get_alg(jwt) == JWT_ALG_RS256 || jwt_get_alg(jwt) == JWT_ALG_ES256);
    jwt_free(jwt);
    puts(accepted ? "accepted" : "refused");
    return accepted ? EXIT_SUCCESS : EXIT_FAILURE;
}
