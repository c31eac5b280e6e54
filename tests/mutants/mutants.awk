# Reads planted changes. Each is one mistake in one source file. A file of changes looks like this:
#
#     == NAME FILE [random]
#     What is wrong with the change, in a sentence or two.
#     -an old line of FILE, whole
#     +the new line in its place
#
# All lines with - together are the old text, which must be in FILE exactly once; all lines with +
# together replace it. Lines that begin with #, and empty lines, are skipped. "random" marks changes
# whose place was drawn (random_lines.sh 20261127 128) and not chosen.
#
#     awk -f mutants.awk *.txt                  checks all changes, and prints NAME FILE FIRST LAST
#                                               for each, the lines that it replaces. Exit status 1
#                                               if an old text is not in its file exactly once.
#     awk -v plant=NAME -f mutants.awk *.txt    prints FILE with that change.

# Reads FILE into content[FILE], once: most files have several changes.
function load(file,    line) {
    if (file in content) return
    content[file] = "\n"
    while ((status = getline line <file) > 0) content[file] = content[file] line "\n"
    if (status < 0) wrong("there is no file " file)
    close(file)
}

function wrong(what) {
    print FILENAME ": " name ": " what >"/dev/stderr"
    failed = 1
}

# Ends the change that has been read up to here: checks it, and prints its lines, or the changed
# file.
function end_change(    before, rest, at, first) {
    if (name == "") return
    if (name in seen) wrong("the name is used twice")
    seen[name] = 1
    if (old == "" || sentence == "") wrong("it needs a sentence and an old text")
    if (old == new) wrong("its new text is the old one")
    load(file)
    at = index(content[file], "\n" old)
    rest = substr(content[file], at + 1)
    if (at == 0) wrong("its old text is not in " file " any more")
    else if (index(rest, "\n" old)) wrong("its old text is in " file " more than once")
    else if (plant == "") {
        before = substr(content[file], 1, at)
        first = gsub(/\n/, "", before)
        print name, file, first, first + gsub(/\n/, "", old) - 1
    } else if (plant == name) {
        printf "%s%s%s", substr(content[file], 2, at - 1), new, substr(rest, length(old) + 1)
    }
    name = ""
}

$1 == "==" {
    end_change()
    name = $2
    file = $3
    old = new = sentence = ""
    if (NF < 3 || NF > 4 || (NF == 4 && $4 != "random")) wrong("a change begins with == NAME FILE [random]")
    next
}
/^#/ || /^$/ { next }
/^-/ { old = old substr($0, 2) "\n"; next }
/^\+/ { new = new substr($0, 2) "\n"; next }
{ sentence = sentence $0 }
END {
    end_change()
    if (plant != "" && !(plant in seen)) {
        print "there is no change " plant >"/dev/stderr"
        failed = 1
    }
    exit failed
}
