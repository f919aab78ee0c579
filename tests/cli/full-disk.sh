# A go-live whose data directory is a small file system of its own. It is full when the conductor is killed: the next
# one comes up, and brings the hosts back. $GOLIVE is the program, $GOLIVE_DATA_DIR an empty directory.
set -eu
mount -t tmpfs -o size=32m,nr_inodes=200 none "$GOLIVE_DATA_DIR"
trap '"$GOLIVE" conductor stop >/dev/null 2>&1 || true' EXIT
kill_conductor() {
    kill -9 "$("$GOLIVE" conductor status --json | sed 's/.*"pid":\([0-9]*\).*/\1/')"
}

for version in 2.4.1 2.5.0; do
    "$GOLIVE" open $version
    "$GOLIVE" item tick support
    "$GOLIVE" vote go
    "$GOLIVE" declare go
    "$GOLIVE" start --wait
    [ $version = 2.5.0 ] || { "$GOLIVE" promote; "$GOLIVE" close; }
done
cat run/web-1/current/VERSION run/web-2/current/VERSION

kill_conductor
rm "$GOLIVE_DATA_DIR"/projects/*/conductor.sock
dd if=/dev/zero of="$GOLIVE_DATA_DIR/fill" bs=4k 2>/dev/null || true
# Nor may a file be made: the socket has to go elsewhere.
number=0
while touch "$GOLIVE_DATA_DIR/fill-$number" 2>/dev/null; do number=$((number + 1)); done
echo "--- full"
status=0
"$GOLIVE" vote go || status=$?
[ "$status" -eq 7 ]
"$GOLIVE" status
status=0
"$GOLIVE" rollback --wait || status=$?
[ "$status" -eq 4 ]
cat run/web-1/current/VERSION run/web-2/current/VERSION
"$GOLIVE" status
# Once more, with what was recorded in the fallback file alone.
kill_conductor
"$GOLIVE" status
# What is rolled back is not held: it knows that from the fallback.
status=0
"$GOLIVE" hold "the disk is full" || status=$?
[ "$status" -eq 3 ]
kill_conductor

rm "$GOLIVE_DATA_DIR"/fill*
echo "--- room"
"$GOLIVE" conductor status
"$GOLIVE" record verify
"$GOLIVE" close
"$GOLIVE" conductor stop
echo "--- left"
ls "$GOLIVE_DATA_DIR"/projects/*
"$GOLIVE" record export

# A session that finds no room when it is opened leaves nothing.
dd if=/dev/zero of="$GOLIVE_DATA_DIR/fill" bs=4k 2>/dev/null || true
echo "--- not opened"
status=0
"$GOLIVE" open 2.4.1 || status=$?
[ "$status" -eq 7 ]
ls "$GOLIVE_DATA_DIR"/projects/*
rm "$GOLIVE_DATA_DIR/fill"
"$GOLIVE" conductor stop
"$GOLIVE" conductor status
echo "--- opened"
"$GOLIVE" open 2.4.1
