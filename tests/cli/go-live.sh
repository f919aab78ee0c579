# A whole go-live from a shell script: twice forward, once back. $GOLIVE is the program.
set -eu

"$GOLIVE" check
"$GOLIVE" open 2.4.1 --at +1h
"$GOLIVE" item tick support --evidence "mail to the desk, answered 12:10"
"$GOLIVE" vote go
"$GOLIVE" declare go
"$GOLIVE" start --wait
"$GOLIVE" promote
"$GOLIVE" close

"$GOLIVE" open 2.5.0 --at +1h
"$GOLIVE" item tick support --evidence "mail to the desk, answered 14:02"
"$GOLIVE" vote if "the hotline is staffed until 20:00" --owner dana --due +2h
"$GOLIVE" vote met dana "the roster says so"
"$GOLIVE" declare go --reason "all green"
"$GOLIVE" start production --wait
"$GOLIVE" status --check
status=0
"$GOLIVE" rollback --wait || status=$?
[ "$status" -eq 4 ]
"$GOLIVE" close
"$GOLIVE" record verify
"$GOLIVE" report --output report.md
"$GOLIVE" conductor stop
