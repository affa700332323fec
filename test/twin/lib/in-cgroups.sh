#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Usage: in-cgroups.sh DIRECTORY... -- COMMAND [ARGUMENT]...
# Moves itself into the cgroups and becomes the command, so that no child is ever outside of them.
set -eu
while [ "$1" != -- ]; do
  echo $$ >"$1/cgroup.procs"
  shift
done
shift
exec "$@"
