# Makes C programs of the C in a Markdown file: awk -v out=DIR -v golden=FILE -f snippets.awk FILE.md
#
# A block fenced by ```c becomes the program out/LINE.c, LINE being the fence's. What stands in it:
#     int main(...)       a whole program
#     ```c                statements, put into a main
#     ```c file           declarations and functions, for the blocks after it
#     ```c setup          statements that begin each block and table row after it
#     ```c continued      statements that go on where the block before ended
#     ```c example NAME   nothing: another test looks after it
# A block fenced by ```text that follows one is what it prints: out/LINE.txt.
#
# A table with a column "Candela" becomes one program, out/LINE.c, that runs the C between backquotes
# in that column, row by row; where `golden` has a text for the row's "PyTorch" column, it prints the
# value, or that of the last statement (unless the row itself prints), and out/LINE.txt holds what it
# must print. A row that `golden` does not know is an error: its text was not made.

function flush_block() {
    if (body == "" && name == "") return
    file = out "/" name ".c"
    if (body ~ /int main\(/) {
        printf "%s", body > file
    } else {
        print "#include <candela.h>\n#include <math.h>\n#include \"show.h\"" > file
        printf "%s", functions > file
        print "int main(void)\n{" > file
        printf "%s%s", setup, body > file
        print "return cd_report(stderr);\n}" > file
    }
    close(file)
    body = name = ""
}
# The statements of a row, the value of the last of them printed.
function shown(row,   before) {
    before = ""
    while (match(row, /; /)) {
        before = before substr(row, 1, RSTART + 1)
        row = substr(row, RSTART + 2)
    }
    return before "SHOW(" row ");"
}
function flush_table(   i, file, text) {
    if (rows == 0) { in_table = 0; return }
    file = out "/" table ".c"
    print "#include <candela.h>\n#include <math.h>\n#include \"show.h\"" > file
    printf "%s", functions > file
    for (i = 1; i <= rows; i++) {
        printf "static void row_%d(void)\n{\nCD_SCOPE();\n%s", i, setup > file
        if (python[i] in expected && c[i] !~ /^cd_print/) printf "%s\n}\n", shown(c[i]) > file
        else printf "%s;\n}\n", c[i] > file
    }
    print "int main(void)\n{" > file
    for (i = 1; i <= rows; i++) printf "ROW(row_%d, %d);\n", i, at[i] > file
    print "return cd_report(stderr);\n}" > file
    close(file)
    text = out "/" table ".txt"
    printf "" > text
    for (i = 1; i <= rows; i++) if (python[i] in expected) printf "%s", expected[python[i]] > text
    close(text)
    rows = in_table = 0
}
# The code of a table's cell, or "" if there is none.
function code(cell) {
    gsub(/^ +| +$/, "", cell)
    if (cell !~ /^`.*`$/) return ""
    cell = substr(cell, 2, length(cell) - 2)
    gsub(/\\\|/, "|", cell)
    return cell
}

BEGIN {
    # ">>> python" and the lines that it printed, or "--- python" where nothing is compared.
    while (golden != "" && (getline line < golden) > 0) {
        if (line ~ /^(>>>|---) /) { key = substr(line, 5); known[key] = 1 }
        if (line ~ /^>>> /) expected[key] = ""
        else if (line ~ /^--- /) continue
        else expected[key] = expected[key] line "\n"
    }
}
/^```/ && fence == "" {
    flush_table()
    fence = $0
    kind = $2
    if (fence ~ /^```c/ && fence !~ /^```c[a-z]/) {
        if (kind == "setup") setup = ""
        if (kind != "continued" && kind != "example") {
            flush_block()
            if (kind == "") name = NR
            last = NR
        }
    } else if (fence == "```text" && printed_follows) {
        text = out "/" last ".txt"
        printf "" > text
    }
    next
}
/^```$/ && fence != "" {
    printed_follows = fence ~ /^```c( continued)?$/
    if (fence == "```text") close(text)
    fence = text = ""
    next
}
fence ~ /^```c( continued)?$/ { body = body $0 "\n"; next }
fence == "```c file" { functions = functions $0 "\n"; next }
fence == "```c setup" { setup = setup $0 "\n"; next }
fence == "```text" && text != "" { print > text; next }
fence != "" { next }
/[^ ]/ { printed_follows = 0 }
/^\|/ {
    line = $0
    gsub(/\\\|/, "\001", line)
    n = split(line, cell, "|")
    for (i = 1; i <= n; i++) gsub("\001", "\\|", cell[i])
    if (!in_table) {
        in_table = 1
        column = pythons = 0
        table = NR
        for (i = 2; i < n; i++) {
            if (cell[i] ~ /^ *Candela *$/) column = i
            if (cell[i] ~ /^ *PyTorch *$/) pythons = i
        }
    } else if (column && (row = code(cell[column])) != "") {
        c[++rows] = row
        python[rows] = pythons ? code(cell[pythons]) : ""
        at[rows] = NR
        if (golden != "" && pythons && !(python[rows] in known)) {
            print "snippets: " FILENAME ":" NR " is not in " golden ": its script makes it anew" > "/dev/stderr"
            unknown = 1
        }
    }
    next
}
in_table { flush_table() }
END { flush_table(); flush_block(); exit unknown }
