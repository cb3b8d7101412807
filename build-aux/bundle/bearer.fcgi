#!/bin/sh
# Starts lib/bearer.fcgi.bin with the loader and the libraries in lib/, not with those of this
# host. Web servers start this file. It passes no argument on: with plain CGI they come from the
# client's query.
case $0 in
    */*) home=${0%/*}/ ;;
    *) home=./ ;;
esac
CDPATH='' cd -P -- "$home" || exit 78
home=$PWD
if ! [ -x lib/@LOADER@ ]; then
    echo "bearer.fcgi: $home/lib/@LOADER@ cannot be started: upload all of lib/, and then: chmod 755 lib lib/@LOADER@" >&2
    exit 78
fi

# Files and libraries of this host belong to other versions of what is in lib/.
unset LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT
export BEARER_HOME="$home" GNUTLS_SYSTEM_PRIORITY_FILE=/dev/null
exec "$home/lib/@LOADER@" --inhibit-cache --library-path "$home/lib" "$home/lib/bearer.fcgi.bin"
