# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Completion for bash. mastobak itself says which words can follow.
_mastobak() {
    local cur=${COMP_WORDS[COMP_CWORD]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD line lines
    # Puts words together that bash has split at "=" and ":".
    if declare -F _get_comp_words_by_ref >/dev/null; then
        _get_comp_words_by_ref -n =: cur words cword
    fi
    mapfile -t lines < <("${words[0]}" complete -- "${words[@]:1:cword}" 2>/dev/null)
    [[ $cur != --*=* ]] || cur=${cur#*=}
    COMPREPLY=()
    # Not compgen -W, which would expand the words.
    for line in "${lines[@]:1}"; do COMPREPLY+=("${line%%$'\t'*}"); done
    case ${lines[0]-} in
    files) compopt -o filenames && mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$cur") ;;
    directories) compopt -o filenames && mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$cur") ;;
    users) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -u -- "$cur") ;;
    esac
    if declare -F __ltrim_colon_completions >/dev/null; then
        __ltrim_colon_completions "$cur"
    fi
} && complete -F _mastobak mastobak
