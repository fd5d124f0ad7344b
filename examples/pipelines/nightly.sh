#!/usr/bin/env bash
# An audit each night. A line for crontab:
#
#   15 3 * * *  /srv/audit/nightly.sh
#
# Beside this script lie the settings (consent-audit.toml), the baseline that they name, and the
# export. cron mails whatever is said here: nothing on a night without news, one line where
# something is new or worse (exit code 1), the reason where nothing could be audited (2 and up).
set -u -o pipefail
cd "$(dirname "$0")" || exit 70

export_to_audit=${EXPORT:-export}
runs_to_keep=${KEEP:-30}

exec 9> .nightly.lock
flock --nonblock 9 || exit 0 # the last night's audit is still at it

said=$(consent-audit run "$export_to_audit" --quiet 2>&1)
code=$?
[ "$code" -eq 0 ] || printf '%s\n' "$said"

# Old runs go; those that decisions refer to, that are baselines or that were touched never do.
if [ "$code" -le 1 ]; then
  consent-audit runs prune --keep "$runs_to_keep" --yes > /dev/null || exit 70
fi

exit "$code"
