# shellcheck shell=bash
# Runs the checks and all tests, and ends with the closing line. Needs a finished set-up.

result_file=$root/.cache/test-result
ALL_TESTS_SECONDS=2700 # a run that hangs ends as a failure; on a quiet machine it takes under twenty minutes

closing_line() { printf '%s passed, %s failed, %s skipped\n' "$1" "$2" "$3"; }

close_without_result() {
  local code=$?
  closing_line 0 1 0
  exit $((code == 0 ? 1 : code))
}

# The code checks count as one test, so that a type error can never end in a line without failures.
run_suites() {
  local passed=0 failed=0 skipped=0 code=0 checks=0
  own_node_ready && export PATH="$own_node/bin:$PATH"
  [ -t 1 ] || export NO_COLOR=1
  rm -f "$result_file"
  say "checking format, lint and types ..."
  npm_ours run --silent check 2>&1 | plain || checks=1
  say "running the tests ..."
  THOROUGH=1 WORKDOCK_TEST_RESULT=$result_file timeout -k 20 "$ALL_TESTS_SECONDS" node node_modules/vitest/vitest.mjs run \
    --reporter=default --reporter="$root/scripts/lib/closing-reporter.ts" "$@" || code=$?
  [ "$code" != 124 ] || say "the tests were ended after $ALL_TESTS_SECONDS s"
  read -r passed failed skipped <"$result_file" 2>/dev/null || failed=1 # no result: the run itself broke
  ((code == 0 || failed > 0)) || failed=1
  trap - EXIT
  closing_line $((passed + 1 - checks)) $((failed + checks)) "$skipped"
  ((failed + checks == 0)) || exit 1
}

# Colours only where someone sees them: biome writes them into pipes too.
plain() { if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9;]*m//g'; fi; }
