#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Usage: unshare --mount build-in-chroot.sh CHROOT SOURCE OUTPUT [FROM TO]...
# Builds a Go program that links libdqlite. All mounts live in the private mount namespace and end with it.
set -eu
chroot=$1 source=$2 output=$3
shift 3
bind() { mkdir -p "$chroot$2"; mount --bind "$1" "$chroot$2"; }
bind "$source" /source
bind "$output" /output
while [ $# -ge 2 ]; do bind "$1" "$2"; shift 2; done
mount -t proc proc "$chroot/proc"
mount --bind /dev "$chroot/dev"
# go-dqlite 3.0.1 names two constants that the headers of libdqlite 1.18.1 lack. The function that takes them
# is a weak symbol there, so only the static strategy works with that library.
exec chroot "$chroot" env -i HOME=/root PATH=/usr/local/go/bin:/usr/bin:/bin \
  GOTOOLCHAIN=local GOPROXY=off GOFLAGS=-buildvcs=false GOMODCACHE=/gomod GOCACHE=/gocache \
  CGO_ENABLED=1 CGO_LDFLAGS=-luv \
  CGO_CFLAGS='-O2 -DDQLITE_SNAPSHOT_TRAILING_STATIC=0 -DDQLITE_SNAPSHOT_TRAILING_DYNAMIC=1' \
  sh -c 'cd /source && exec go build -trimpath -tags dqlite,libsqlite3 -o /output/out .'
