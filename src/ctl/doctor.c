#include "commands.h"

const char doctor_help[] = "usage: bearerctl doctor\n";

int doctor_run(const struct cli *cli)
{
    return cli_fail(cli, EX_UNAVAILABLE, "not in this build yet");
}
