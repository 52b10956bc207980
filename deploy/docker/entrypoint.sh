#!/bin/sh
# The first word is the role; anything else is a command of the churnwatch CLI.
set -eu
cd "$(dirname "$0")/../.."
case "${1:-standalone}" in
  gateway | tracker | sentinel | courier | standalone)
    role="${1:-standalone}"
    [ "$#" -eq 0 ] || shift
    # exec: the process itself gets SIGTERM and stops in order.
    exec node "dist/apps/$role/src/main.js" "$@"
    ;;
  churnwatch)
    shift
    ;;
esac
exec node dist/apps/cli/src/main.js "$@"
