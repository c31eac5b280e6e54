#!/usr/bin/env bash
# imports.sh STATIC SHARED: what the library asks of the system, and what it shows to programs.
#   It never exits, aborts or prints: it imports none of the functions that do.
#   It starts no threads but its own and uses nothing of a BLAS, whose settings are its host's.
#   It exports what its public headers declare with CD_API, and nothing else.
# CC and NM name other tools than cc and nm.
set -euo pipefail
static=$1 shared=$2
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

# __stack_chk_fail and the __*_chk of hardening are allowed, but for those that print.
forbidden='exit _exit _Exit quick_exit abort raise __assert_fail __assert_perror_fail __assert
    printf vprintf __printf_chk __vprintf_chk puts putchar putchar_unlocked perror psignal
    err errx verr verrx warn warnx vwarn vwarnx error stdout stderr'

# undefined FILE [-D]: the symbols that FILE leaves to others, without versions.
undefined() {
    "${NM:-nm}" ${2:+"$2"} --undefined-only "$1" | awk 'NF == 2 { sub(/@.*/, "", $2); print $2 }' |
        LC_ALL=C sort -u
}

# imports_of FILE [-D]: those that the library must not have.
imports_of() {
    # shellcheck disable=SC2086  # words are wanted
    undefined "$@" | LC_ALL=C comm -12 - <(printf '%s\n' $forbidden | LC_ALL=C sort)
}

# The check itself must be able to fail.
echo 'void abort(void); void cd_planted(void); void cd_planted(void) { abort(); }' |
    "${CC:-cc}" -x c -c - -o "$scratch/planted.o"
if [ "$(imports_of "$scratch/planted.o")" != abort ]; then
    echo "imports: the check does not see a planted abort()"
    failed=1
fi

for file in "$static" "$shared"; do
    dynamic=
    case $file in *.a) ;; *) dynamic=-D ;; esac
    if [ -z "$(undefined "$file" $dynamic)" ]; then
        echo "imports: no symbols seen in $file"
        failed=1
    fi
    for symbol in $(imports_of "$file" $dynamic); do
        echo "imports: $file must not use $symbol"
        "${NM:-nm}" -A "$file" $dynamic --undefined-only | grep -w "U $symbol" || true
        failed=1
    done
done

# blas_of FILE [-D]: symbols of a BLAS or of OpenMP, whose threads and settings are the host's.
blas_of() {
    undefined "$@" | grep -E 'openblas|blas_|[sd]gem[mv]_$|^omp_|^GOMP_|^__kmpc_|^mkl_|^MKL_' || true
}
echo 'void cblas_sgemm(void); void cd_planted(void); void cd_planted(void) { cblas_sgemm(); }' |
    "${CC:-cc}" -x c -c - -o "$scratch/planted.o"
if [ "$(blas_of "$scratch/planted.o")" != cblas_sgemm ]; then
    echo "imports: the check does not see a planted cblas_sgemm()"
    failed=1
fi
for symbol in $(blas_of "$static") $(blas_of "$shared" -D); do
    echo "imports: the library must not use $symbol"
    failed=1
done
if readelf -d "$shared" 2>/dev/null | grep NEEDED | grep -iE 'blas|gomp|libomp|mkl'; then
    echo "imports: $shared needs the library above, which starts threads of its own"
    failed=1
fi

for name in $(undefined "$shared" -D | grep '^cd_' || true); do
    echo "imports: $shared uses $name, which is nowhere"
    failed=1
done

# Declared: after the preprocessor CD_API is the visibility attribute. A statement that has it
# declares the first cd_ name before a parenthesis, or, for a variable, the last one.
find "$root" -mindepth 2 -maxdepth 2 -path "$root/[a-z]*" ! -path "$root/build*" ! -path "$root/apps/*" \
    ! -path "$root/tests/*" -name '*.h' ! -name '*_internal.h' |
    sed 's/.*/#include "&"/' >"$scratch/all.c"
"${CC:-cc}" -E -P -I "$root" "$scratch/all.c" | awk -v RS='[;{}]' '
    !/visibility\("default"\)/ { next }
    match($0, /cd_[A-Za-z0-9_]+[ \n]*\(/) {
        name = substr($0, RSTART, RLENGTH)
        sub(/[ \n]*\($/, "", name)
        print name
        next
    }
    {
        name = ""
        while (match($0, /cd_[A-Za-z0-9_]+/)) {
            name = substr($0, RSTART, RLENGTH)
            $0 = substr($0, RSTART + RLENGTH)
        }
        print name
    }' | LC_ALL=C sort -u >"$scratch/declared"
"${NM:-nm}" -D --defined-only "$shared" | awk '{ sub(/@.*/, "", $3); print $3 }' |
    LC_ALL=C sort -u >"$scratch/exported"
if [ ! -s "$scratch/exported" ]; then
    echo "imports: $shared exports nothing"
    failed=1
fi
if grep -v '^cd_' "$scratch/exported"; then
    echo "imports: $shared exports the names above, which do not begin with cd_"
    failed=1
fi
while read -r name; do
    echo "imports: a public header declares $name, but $shared does not export it"
    failed=1
done < <(LC_ALL=C comm -23 "$scratch/declared" "$scratch/exported")
while read -r name; do
    echo "imports: $shared exports $name, which no public header declares with CD_API"
    failed=1
done < <(LC_ALL=C comm -13 "$scratch/declared" "$scratch/exported")
exit $failed
