# Counts the tests in the file that `ctest --output-junit FILE` writes: each function of a CMocka
# program is one, and each script (-v scripts="tests/a.sh tests/b.sh"). Lists what failed and what
# was skipped, and ends in the line "N passed, N failed, N skipped". Exit status 1 if one failed or
# none ran.
#
# A function that was begun has failed unless CMocka says that it passed or was skipped: a crash
# ends the program without a word. So has a program that ran no function.

function plain(text) {
    gsub(/&lt;/, "<", text)
    gsub(/&gt;/, ">", text)
    gsub(/&quot;/, "\"", text)
    gsub(/&amp;/, "\\&", text)
    return text
}
function fail(name) { failures[++failed] = name }
function skip(name) { skips[++skipped] = name (reason == "" ? "" : ": " reason) }
function end_of_function() {
    if (begun != "") fail(test "." begun)
    begun = ""
}

BEGIN {
    count = split(scripts, path, " ")
    for (i = 1; i <= count; i++) {
        sub(/.*\//, "", path[i])
        sub(/\.sh$/, "", path[i])
        is_script[path[i]] = 1
    }
}
/^\t<testcase name="/ {
    split($0, quoted, "\"")
    test = plain(quoted[2])
    status = $0
    sub(/.* status="/, "", status)
    sub(/".*/, "", status)
    begun = reason = ""
    functions = 0
    failed_before = failed
}
/^\t\t<skipped message="SKIP_RETURN_CODE/ { status = "skipped" }
{ sub(/^\t\t<system-out>/, "") }
/^\[ RUN      \] / {
    end_of_function()
    begun = substr($0, 14)
    reason = ""
    functions++
}
/^SKIPPED: / { reason = plain(substr($0, 10)) }
/^\[       OK \] / && substr($0, 14) == begun { passed++; begun = "" }
/^\[  SKIPPED \] / && substr($0, 14) == begun { skip(test "." begun); begun = "" }
/^\t<\/testcase>/ {
    end_of_function()
    if (status == "skipped") skip(test)
    else if (status != "run" && failed == failed_before) fail(test)
    else if (status == "run" && test in is_script) passed++
    else if (status == "run" && !functions) fail(test " (it ran no test)")
}

END {
    for (i = 1; i <= skipped; i++) print "skipped: " skips[i]
    for (i = 1; i <= failed; i++) print "failed: " failures[i]
    printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
    exit failed || !passed
}
