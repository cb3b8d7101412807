/* SPDX-License-Identifier: MIT */
/* A guarded FastCGI program for the tests, as PHP would be one: answers with a secret, the
 * variables it got, and POSIX cksum and length of the body. With the name of a file it is a guard
 * that lets everybody in, and puts what it was asked there, one variable a line, newlines in a value
 * as \n; an empty line ends a question. */
#include <fcgiapp.h>
#include <stdint.h>
#include <stdio.h>

static uint32_t add(uint32_t crc, unsigned byte)
{
    crc ^= (uint32_t)byte << 24;
    for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x80000000u) != 0 ? crc << 1 ^ 0x04c11db7u : crc << 1;
    }
    return crc;
}

static void show(FCGX_Request *request)
{
    char bytes[8192];
    uint32_t crc = 0;
    unsigned long length = 0;
    int count = 0;
    while ((count = FCGX_GetStr(bytes, (int)sizeof bytes, request->in)) > 0) {
        for (int i = 0; i < count; i++) {
            crc = add(crc, (unsigned char)bytes[i]);
        }
        length += (unsigned long)count;
    }
    for (unsigned long rest = length; rest > 0; rest >>= 8) {
        crc = add(crc, rest & 0xff);
    }
    FCGX_PutS("Content-Type: text/plain\r\n\r\n\341\233\212\n", request->out);
    for (char **param = request->envp; *param != NULL; param++) {
        FCGX_FPrintF(request->out, "%s\n", *param);
    }
    (void)snprintf(bytes, sizeof bytes, "BODY=%lu %lu\n", (unsigned long)(~crc & 0xffffffffu),
                   length);
    FCGX_PutS(bytes, request->out);
}

/* Whole questions, whoever else writes there. */
static void note(const char *name, char *const *params)
{
    static char text[65536];
    size_t used = 0;
    for (; *params != NULL; params++) {
        for (const char *at = *params; *at != '\0' && used < sizeof text - 8; at++) {
            if (*at == '\n') {
                text[used++] = '\\';
            }
            text[used++] = (char)(*at == '\n' ? 'n' : *at);
        }
        text[used++] = '\n';
    }
    text[used++] = '\n';
    FILE *file = fopen(name, "ae");
    if (file != NULL) {
        setvbuf(file, NULL, _IOFBF, sizeof text);
        fwrite(text, 1, used, file);
        fclose(file);
    }
}

int main(int count, char **arguments)
{
    FCGX_Request request;
    if (FCGX_Init() != 0 || FCGX_InitRequest(&request, 0, 0) != 0) {
        return 1;
    }
    while (FCGX_Accept_r(&request) == 0) {
        if (count > 1) {
            note(arguments[1], request.envp);
            FCGX_PutS("Status: 200 OK\r\n\r\n", request.out);
        } else {
            show(&request);
        }
        FCGX_Finish_r(&request);
    }
    return 0;
}
