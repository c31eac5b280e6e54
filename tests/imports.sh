#!/usr/bin/env bash
# imports.sh STATIC SHARED: checks which symbols the two libraries import and export.
#   - They import no function that exits, aborts or prints, since the library never does that.
#   - They import nothing of a BLAS or of OpenMP, whose threads and settings belong to the program.
#   - They export what the public headers declare with CD_API, and nothing else.
# The environment variables CC and NM name other tools than cc and nm.
set -euo pipefail
static=$1 shared=$2
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

# Hardening imports __stack_chk_fail and __*_chk; of these only those that print are forbidden.
forbidden='exit _exit _Exit quick_exit abort raise __assert_fail __assert_perror_fail __assert
    printf vprintf __printf_chk __vprintf_chk puts putchar putchar_unlocked perror psignal
    err errx verr verrx warn warnx vwarn vwarnx error stdout stderr'

# undefined FILE [-D]: prints the symbols that FILE imports, without versions.
undefined() {
    "${NM:-nm}" ${2:+"$2"} --undefined-only "$1" | awk 'NF == 2 { sub(/@.*/, "", $2); print $2 }' |
        LC_ALL=C sort -u
}

# forbidden_in FILE [-D]: prints the forbidden symbols that FILE imports.
forbidden_in() {
    # shellcheck disable=SC2086  # one argument for each word
    undefined "$@" | LC_ALL=C comm -12 - <(printf '%s\n' $forbidden | LC_ALL=C sort)
}

# The check must report a planted abort().
echo 'void abort(void); void cd_planted(void); void cd_planted(void) { abort(); }' |
    "${CC:-cc}" -x c -c - -o "$scratch/planted.o"
if [ "$(forbidden_in "$scratch/planted.o")" != abort ]; then
    echo "imports: the check does not report a planted abort()"
    failed=1
fi

for file in "$static" "$shared"; do
    dynamic=
    case $file in *.a) ;; *) dynamic=-D ;; esac
    if [ -z "$(undefined "$file" $dynamic)" ]; then
        echo "imports: nm finds no symbols in $file"
        failed=1
    fi
    for symbol in $(forbidden_in "$file" $dynamic); do
        echo "imports: $file must not use $symbol"
        "${NM:-nm}" -A "$file" $dynamic --undefined-only | grep -w "U $symbol" || true
        failed=1
    done
done

# blas_of FILE [-D]: prints the symbols of a BLAS or of OpenMP that FILE imports.
blas_of() {
    undefined "$@" | grep -E 'openblas|blas_|[sd]gem[mv]_$|^omp_|^GOMP_|^__kmpc_|^mkl_|^MKL_' || true
}
echo 'void cblas_sgemm(void); void cd_planted(void); void cd_planted(void) { cblas_sgemm(); }' |
    "${CC:-cc}" -x c -c - -o "$scratch/planted.o"
if [ "$(blas_of "$scratch/planted.o")" != cblas_sgemm ]; then
    echo "imports: the check does not report a planted cblas_sgemm()"
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
    echo "imports: $shared uses $name, which is not defined"
    failed=1
done

# The declared names. The preprocessor turns CD_API into the visibility attribute. A declaration
# with this attribute declares the first cd_ name before a parenthesis (a function), or without a
# parenthesis the last cd_ name (a variable).
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
