/* SPDX-License-Identifier: MIT */
/* What GnuTLS takes for one signature, and nothing else: raw_verify PUBLIC-KEY.pem TIMES < TOKENS
 *
 * Imports the key once, splits the RS256 tokens (one a line) beforehand, then verifies them in
 * turn, TIMES in all. Prints the CPU time of one in nanoseconds. */
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TOKENS_MAX 20000

static struct {
    gnutls_datum_t signed_part, signature;
} tokens[TOKENS_MAX];

__attribute__((noreturn)) static void fail(const char *what)
{
    fprintf(stderr, "raw_verify: %s\n", what);
    exit(EXIT_FAILURE);
}

/* base64url to base64 with padding, for GnuTLS to decode. */
static gnutls_datum_t decode(const char *text, size_t length)
{
    gnutls_datum_t out = {0};
    char *copy = malloc(length + 4);
    if (copy == NULL) {
        fail("out of memory");
    }
    for (size_t i = 0; i < length; i++) {
        copy[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
    }
    while (length % 4 != 0) {
        copy[length++] = '=';
    }
    const gnutls_datum_t in = {(unsigned char *)copy, (unsigned)length};
    if (gnutls_base64_decode2(&in, &out) != 0) {
        fail("a signature is no base64url");
    }
    free(copy);
    return out;
}

static size_t read_tokens(void)
{
    char *line = NULL;
    size_t size = 0;
    size_t count = 0;
    for (ssize_t n = getline(&line, &size, stdin); n > 0 && count < TOKENS_MAX;
         n = getline(&line, &size, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        const char *dot = strrchr(line, '.');
        if (dot == NULL) {
            fail("a line is no token");
        }
        tokens[count].signed_part.data = (unsigned char *)strndup(line, (size_t)(dot - line));
        tokens[count].signed_part.size = (unsigned)(dot - line);
        tokens[count++].signature = decode(dot + 1, strlen(dot + 1));
    }
    free(line);
    return count;
}

int main(int argc, char **argv)
{
    gnutls_datum_t pem = {0};
    gnutls_pubkey_t key = NULL;
    struct timespec from;
    struct timespec to;
    if (argc != 3 || gnutls_load_file(argv[1], &pem) != 0 || gnutls_pubkey_init(&key) != 0 ||
        gnutls_pubkey_import(key, &pem, GNUTLS_X509_FMT_PEM) != 0) {
        fail("usage: raw_verify PUBLIC-KEY.pem TIMES < TOKENS");
    }
    size_t count = read_tokens();
    size_t times = strtoul(argv[2], NULL, 10);
    if (count == 0 || times == 0) {
        fail("nothing to verify");
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    for (size_t i = 0; i < times; i++) {
        if (gnutls_pubkey_verify_data2(key, GNUTLS_SIGN_RSA_SHA256, 0,
                                       &tokens[i % count].signed_part,
                                       &tokens[i % count].signature) < 0) {
            fail("a signature is not good");
        }
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    double ns = (double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec);
    printf("%.0f\n", ns / (double)times);
    return EXIT_SUCCESS;
}
