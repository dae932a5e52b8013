# SPDX-License-Identifier: GPL-3.0-or-later
# Wraps the comments of a YAML file at `width` columns, for a man page, also those in a part that is
# commented out ("#  # text"). Lines like "#key: value" stay as they are.
function flush(    n, i, words, line) {
    if (text == "") return
    n = split(text, words, " ")
    line = prefix words[1]
    for (i = 2; i <= n; ++i) {
        if (length(line " " words[i]) > width) {
            print line
            line = prefix words[i]
        } else {
            line = line " " words[i]
        }
    }
    print line
    text = ""
}
/^ *(# +)?# [^ -]/ {
    match($0, /^ *(# +)?# /)
    if (substr($0, 1, RLENGTH) != prefix) flush()
    prefix = substr($0, 1, RLENGTH)
    text = text " " substr($0, RLENGTH + 1)
    next
}
{
    flush()
    print
}
END { flush() }
