# SPDX-License-Identifier: GPL-3.0-or-later
# Completion for fish. mastobak itself says which words can follow.
function __mastobak_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null)
    set -l option (string match --regex -- '^--[^=]*=' "$current")
    for line in $lines[2..-1]
        printf '%s%s\n' "$option" "$line"
    end
    set -l value (string replace -- "$option" '' "$current")
    switch "$lines[1]"
        case files
            for path in (__fish_complete_path "$value")
                printf '%s%s\n' "$option" "$path"
            end
        case directories
            for path in (__fish_complete_directories "$value")
                printf '%s%s\n' "$option" "$path"
            end
        case users
            __fish_complete_users
    end
end
complete -c mastobak -f -a '(__mastobak_complete)'
