#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What configure asks of libfcgi: build-aux/fcgi-lengths.c on the installed one, and on stand-ins with and without the fault.

bats_require_minimum_version 1.5.0
load ../support/untraced

: "${top_srcdir:?}"

setup() {
    cd "$BATS_TEST_TMPDIR" || exit
}

# probe NAME ARGUMENT...: compiled with these.
probe() {
    # shellcheck disable=SC2046  # words
    "${CC:-cc}" $(pkg-config --cflags fcgi) "$top_srcdir/build-aux/fcgi-lengths.c" -o "$1" "${@:2}"
}

@test "D8: the probe passes the installed libfcgi, and tells one that writes behind its heap" {
    local libs
    read -ra libs < <(pkg-config --libs fcgi)
    probe installed "${libs[@]}"
    run -0 ./installed
    probe mended "$top_srcdir/tests/support/fcgi-standin.c"
    run -0 ./mended
    probe faulty -DFAULT "$top_srcdir/tests/support/fcgi-standin.c"
    run -1 ./faulty
}

@test "D8: configure refuses it with a remedy, and takes nothing for granted while cross compiling" {
    local libs
    read -ra libs < <(pkg-config --libs fcgi)
    "${CC:-cc}" -shared -fPIC -DFAULT "$top_srcdir/tests/support/fcgi-standin.c" -o libfaulty.so
    mkdir build
    cd build
    run -1 "$top_srcdir/configure" --cache-file=cache FCGI_CFLAGS=' ' FCGI_LIBS="-L$PWD/.. -Wl,-rpath,$PWD/.. -lfaulty"
    [[ $output == *'CVE-2025-23016'*'install 2.4.5 or newer'*'2.4.2-2+deb12u1'* ]]
    run -1 "$top_srcdir/configure" --build=x86_64-pc-linux-gnu --host=x86_64-other-linux-gnu CC="${CC:-cc}" FCGI_CFLAGS=' ' FCGI_LIBS="${libs[*]}"
    [[ $output == *'cross compiling'*'fb_cv_fcgi_lengths=yes'* ]]
}
