#!/bin/sh
# Before the programs are taken away, what still runs of them is asked to end, as Quit and `lineside stop` do it. An upgrade leaves all of it running: a program
# that runs keeps its file, and a worker goes over to the new one when it is started next. Instances, queues and settings lie in people's own folders and stay.
set -e

# dpkg says what it does, rpm how many versions will be left.
case "${1:-}" in
remove | 0) ;;
*) exit 0 ;;
esac

# The processes of a program that see the same root as we do: those of a container are somebody else's.
running() {
    for process in /proc/[0-9]*; do
        case "$(readlink "$process/exe" 2>/dev/null)" in
        "/usr/bin/$1" | "/usr/bin/$1 (deleted)") if [ "$process/root" -ef / ]; then echo "${process#/proc/}"; fi ;;
        esac
    done
}

# The app first, so that it starts no worker again.
for program in lineside-tray lineside; do
    for pid in $(running "$program"); do
        kill -TERM "$pid" 2>/dev/null || true
    done
done

seconds=0
while workers=$(running lineside) && [ -n "$workers" ]; do
    if [ "$seconds" -ge 60 ]; then
        echo "lineside: still sending what was in flight, and ending then by itself: PID" $workers >&2
        break
    fi
    sleep 1
    seconds=$((seconds + 1))
done
exit 0
